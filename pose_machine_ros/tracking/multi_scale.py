# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Multi-scale detection: when the detector runs on a frame, and at which sizes of it."""

from __future__ import annotations

from enum import Enum

import numpy as np

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.tracking.association import associate
from pose_machine_ros.tracking.bounding_box import confidence
from pose_machine_ros.tracking.keypoint_network import KeypointNetwork, UploadedFrame

_SMALLEST = 128  # px, longer side of the smallest image that the detector gets


class DetectionPass(Enum):
    """A run of the detector on a frame, by the size of the image that the detector gets."""

    FINE = 'fine'  # detector_size: for people far away
    COARSE = 'coarse'  # a half of it, a quarter and so on, in turns: for people close by


class MultiScaleDetector:
    """Detects near and far people at several sizes of the image, in turns.

    The detector misses people who are small or large in its input, so it gets the image in several
    sizes: in all of them at first, and then in the large one and in one of the small ones once in
    an interval. A small size takes a quarter of the time of the large one on average.
    """

    def __init__(self, network: KeypointNetwork) -> None:
        """Use the detector of `network`."""
        self._network = network
        self._last_ns: dict[DetectionPass, float] = {}
        self._coarse_passes = 0

    def reset(self) -> None:
        """Let the next frame get every pass, at every size."""
        self._last_ns = {}
        self._coarse_passes = 0

    def due(self, stamp_ns: int, interval: float, most: int | None = None) -> list[DetectionPass]:
        """Return the passes for this frame: those whose last one is `interval` seconds ago.

        The first frame gets all. After that, the two kinds are half an interval apart, so that few
        frames take the time of both. If `most` is given, no other frame gets more than that; those
        with the earliest last one come first.
        """
        if not self._last_ns:
            self._last_ns = {DetectionPass.FINE: stamp_ns,
                             DetectionPass.COARSE: stamp_ns - interval * 0.5e9}
            return list(DetectionPass)
        due = [k for k, before in self._last_ns.items() if stamp_ns - before >= interval * 1e9]
        if most is not None:
            due = sorted(due, key=self._last_ns.__getitem__)[:most]
        self._last_ns |= dict.fromkeys(due, stamp_ns)
        return due

    def detect(self, frame: UploadedFrame, sizes: list[int], count: int, rotation: int
               ) -> list[np.ndarray]:
        """Return rough keypoints (17, 3) of people in a frame, at most `count` at each of `sizes`.

        People are upright in the frame turned clockwise by `rotation` degrees. Any thread may call
        this at any time.
        """
        found: list[np.ndarray] = []
        for long_side in sizes:
            here = self._network.detect(frame, count, long_side, rotation).keypoints
            _merge(found, list(here))
        return found

    def sizes(self, shape: tuple[int, ...], passes: list[DetectionPass]) -> list[int]:
        """Return the longer sides, px, of the images that the detector gets in `passes`.

        `shape` is that of the frame.
        """
        fine = min(self._network.config.detector_size, max(shape[:2]))
        sizes = [fine] if DetectionPass.FINE in passes else []
        coarse = [fine >> n for n in range(1, fine.bit_length()) if fine >> n >= _SMALLEST]
        if DetectionPass.COARSE in passes and coarse:
            turn = self._coarse_passes % len(coarse)
            sizes += coarse if self._coarse_passes == 0 else [coarse[turn]]
            self._coarse_passes += 1
        return sizes


def person_filling_frame(shape: tuple[int, ...], rotation: int) -> np.ndarray:
    """Return keypoints (17, 3) of an upright person who fills a frame of `shape`, score 1."""
    height, width = shape[1::-1] if rotation % 180 else shape[:2]
    spread = np.ones((len(COCO_17), 3), np.float32)
    spread[:, 0] = [(0.85 if 'left' in n else 0.15) * width for n in COCO_17.names]
    # COCO's order is from head to foot.
    spread[:, 1] = np.linspace(0.15, 0.85, len(COCO_17)) * height
    spread[:, :2] = crops.undo_rotation(spread[:, :2], shape, rotation)
    return spread


def _merge(found: list[np.ndarray], more: list[np.ndarray]) -> None:
    """Add the people of another size to `found`; of duplicates the more confident one stays."""
    same = {j: i for i, j in associate(found, np.zeros(len(found)), more)}
    for j, keypoints in enumerate(more):
        if j not in same:
            found.append(keypoints)
        elif confidence(keypoints) > confidence(found[same[j]]):
            found[same[j]] = keypoints
