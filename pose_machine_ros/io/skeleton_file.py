# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""NPZ files of the skeletons of a video.

Arrays: `stamps_ns` (F,), `ids` (R,), `frame` (R,), `joints` (J,) names, `xyz` (R, J, 3) metres in
the camera's optical frame, `score` (R, J), `keypoints` (K,) names, `uv` (R, K, 3) px and score,
`reprojection_px` (R,), `stature` (R,) metres and `stature_sigma` (R,), its standard deviation. One
row per person and frame.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pose_machine_ros.io.npz import npz_path, write_npz
from pose_machine_ros.io.output_files import check_output
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17


class SkeletonFile:
    """Collects skeletons frame by frame and writes them."""

    def __init__(self) -> None:
        self._stamps: list[int] = []
        self._rows: list[tuple[int, Skeleton]] = []

    def add(self, stamp_ns: int, skeletons: list[Skeleton]) -> None:
        """Add the skeletons of one more frame, except those of LOST people."""
        present = [s for s in skeletons if s.state.is_active]
        self._rows += [(len(self._stamps), s) for s in present]
        self._stamps.append(stamp_ns)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def write(self, path: str | Path) -> None:
        """Write the file; raises InputError if that is not possible."""
        rows = [s for _, s in self._rows]

        def stacked(name: str, *shape: int) -> np.ndarray:
            values = [getattr(s, name) for s in rows]
            return np.array(values, np.float32).reshape(len(rows), *shape)

        joints, keypoints = len(HUMAN36M_17), len(COCO_17)
        write_npz(
            path, stamps_ns=np.array(self._stamps, np.int64),
            ids=np.array([s.id for s in rows], np.str_),
            frame=np.array([f for f, _ in self._rows], np.int64),
            joints=np.array(HUMAN36M_17.names), xyz=stacked('xyz', joints, 3),
            score=stacked('joint_scores', joints), keypoints=np.array(COCO_17.names),
            uv=stacked('keypoints', keypoints, 3), reprojection_px=stacked('reprojection_px'),
            stature=stacked('stature'), stature_sigma=stacked('stature_sigma'))

    @staticmethod
    def check(path: str | Path) -> None:
        """Raise InputError if a file cannot be written as `path`; changes nothing."""
        check_output(npz_path(path))
