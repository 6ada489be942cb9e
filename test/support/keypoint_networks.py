# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Simple stand-ins for the 2D network, and the people they see."""

import threading

import numpy as np

from pose_machine_ros.evaluation.crossings import CAMERA
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import Detections, Refined
from pose_machine_ros.skeleton import COCO_17

# Right half of a standing person of height 1, from the top of the head; across, down.
HALF = {'nose': (0, 0.07), 'eye': (0.02, 0.06), 'ear': (0.04, 0.07), 'shoulder': (0.11, 0.18),
        'elbow': (0.14, 0.37), 'wrist': (0.15, 0.52), 'hip': (0.07, 0.47), 'knee': (0.07, 0.71),
        'ankle': (0.07, 0.96)}


def person(u, height, top=100.0, cut=720.0):
    """Return keypoints (17, 3) of an upright person; those below `cut` are not in the image."""
    across, down = np.array([HALF[n.rpartition('_')[2]] for n in COCO_17.names]).T
    side = np.array([-1 if n.startswith('right') else 1 for n in COCO_17.names])
    points = np.column_stack((u + side * across * height, top + down * height))
    return np.column_stack((points, np.where(points[:, 1] < cut, 0.9, 0.05)))


class Scene:
    """A network that sees all people exactly, and counts its crops."""

    def __init__(self):
        self.config = Keypoints2DConfig()
        self.people, self.crops = [], 0

    def upload(self, image):
        return image

    def detect(self, frame, count, long_side, rotation):
        seen = np.array(self.people[:count]).reshape(-1, 17, 3)
        return Detections(seen, np.full(len(seen), 0.9))

    def crop(self, frame, regions):
        return frame

    def refine(self, cut, regions):
        self.crops += len(regions)
        if not self.people:
            return Refined(np.zeros((len(regions), 17, 3)))
        middles = np.array([(k[:, :2].min(0) + k[:, :2].max(0)) / 2 for k in self.people])
        nearest = [np.linalg.norm(middles - r[:2], axis=1).argmin() for r in regions]
        return Refined(np.stack([self.people[i] for i in nearest]))


class BlockingScene(Scene):
    """A scene whose detector waits on other threads until it may go on."""

    def __init__(self):
        super().__init__()
        self.may_detect, self.is_detecting = threading.Event(), threading.Event()
        self.beside = 0  # number of detections on other threads

    def detect(self, *args):
        found = super().detect(*args)
        if threading.current_thread() is not threading.main_thread():
            self.beside += 1
            self.is_detecting.set()
            assert self.may_detect.wait(30)
        return found


class Mirrored:
    """A network that gets mirrored images."""

    def __init__(self, network):
        self._network = network
        self.upload, self.config = network.upload, network.config

    def detect(self, *args):
        found = self._network.detect(*args)
        return Detections(flip(found.keypoints), found.scores)

    def crop(self, frame, regions):
        return self._network.crop(frame, regions)

    def refine(self, cut, regions):
        regions = regions.copy()
        regions[:, 0] = CAMERA.width - 1 - regions[:, 0]
        regions[:, 3] *= -1
        return Refined(flip(self._network.refine(cut, regions).keypoints))


class Shuffled:
    """A network whose detections are in a random order."""

    def __init__(self, network, seed=0):
        self._network, self._rng = network, np.random.default_rng(seed)
        self.upload, self.crop, self.refine = network.upload, network.crop, network.refine
        self.config = network.config

    def detect(self, *args):
        found = self._network.detect(*args)
        order = self._rng.permutation(len(found.scores))
        return Detections(found.keypoints[order], found.scores[order])


def flip(keypoints):
    flipped = keypoints[:, list(COCO_17.mirror)].copy()
    flipped[..., 0] = CAMERA.width - 1 - flipped[..., 0]
    return flipped
