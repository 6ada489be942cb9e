# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Looking for people all over the picture: when, and at which sizes of it."""

from __future__ import annotations

from enum import Enum

import numpy as np

from pose_machine_ros.keypoints2d import crops, PoseNetwork2D
from pose_machine_ros.keypoints2d.crops import UploadedImage
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.tracking.association import associate
from pose_machine_ros.tracking.bounding_box import confidence

_SMALLEST = 128  # px, longer side of the smallest picture that the detector sees


class Look(Enum):
    """Which sizes of the picture the detector sees."""

    FINE = 'fine'  # detector_size: people far away
    COARSE = 'coarse'  # a half of it, a quarter and so on, in turns: people close by


class PeopleSearch:
    """Finds people with the detector, far and near ones in turns.

    The detector finds people who are neither small nor large in what it sees, so it sees the
    picture in several sizes: in all at first, and then in the large one and in one of the small
    ones once in an interval. A small one costs a quarter of the large one on the average.
    """

    def __init__(self, network: PoseNetwork2D) -> None:
        """Use the detector of `network`."""
        self._network = network
        self._looked_ns: dict[Look, float] = {}
        self._coarse_looks = 0

    def reset(self) -> None:
        """Be due for every look, at every size."""
        self._looked_ns = {}
        self._coarse_looks = 0

    def due(self, stamp_ns: int, interval: float) -> list[Look]:
        """Return the looks to take in this frame, `interval` seconds after the last of their kind.

        All at first, half an interval apart from each other from then on, so that few frames
        take the time of both.
        """
        if not self._looked_ns:
            self._looked_ns = {Look.FINE: stamp_ns, Look.COARSE: stamp_ns - interval * 0.5e9}
            return list(Look)
        due = [k for k, before in self._looked_ns.items() if stamp_ns - before >= interval * 1e9]
        self._looked_ns |= dict.fromkeys(due, stamp_ns)
        return due

    def find(self, frame: UploadedImage, shape: tuple[int, ...], looks: list[Look], count: int,
             rotation: int) -> list[np.ndarray]:
        """Return rough keypoints (17, 3) of people in a frame of `shape`; `count` a size at most.

        People stand upright once the frame is turned clockwise by `rotation` degrees.
        """
        found: list[np.ndarray] = []
        for long_side in self._sizes(shape, looks):
            here = self._network.detect(frame, count, long_side, rotation).keypoints
            _merge(found, list(here))
        return found

    def _sizes(self, shape: tuple[int, ...], looks: list[Look]) -> list[int]:
        """Return the longer sides, px, at which to look."""
        fine = min(self._network.config.detector_size, max(shape[:2]))
        sizes = [fine] if Look.FINE in looks else []
        coarse = [fine >> n for n in range(1, fine.bit_length()) if fine >> n >= _SMALLEST]
        if Look.COARSE in looks and coarse:
            turn = self._coarse_looks % len(coarse)
            sizes += coarse if self._coarse_looks == 0 else [coarse[turn]]
            self._coarse_looks += 1
        return sizes


def upright(shape: tuple[int, ...], rotation: int) -> np.ndarray:
    """Return keypoints (17, 3) of somebody upright who fills a frame of `shape`, score 1."""
    height, width = shape[1::-1] if rotation % 180 else shape[:2]
    spread = np.ones((len(COCO_17), 3), np.float32)
    spread[:, 0] = [(0.85 if 'left' in n else 0.15) * width for n in COCO_17.names]
    # COCO's order is from head to foot.
    spread[:, 1] = np.linspace(0.15, 0.85, len(COCO_17)) * height
    spread[:, :2] = crops.undo_rotation(spread[:, :2], shape, rotation)
    return spread


def _merge(found: list[np.ndarray], more: list[np.ndarray]) -> None:
    """Add to the people found those found at another size; of each the surer keypoints stay."""
    same = {j: i for i, j in associate(found, np.zeros(len(found)), more)}
    for j, keypoints in enumerate(more):
        if j not in same:
            found.append(keypoints)
        elif confidence(keypoints) > confidence(found[same[j]]):
            found[same[j]] = keypoints
