# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""NPZ files: skeletons of a video, and 2D keypoints to lift.

Skeletons (`SkeletonFile`): `stamps_ns` (F,), `ids` (R,), `frame` (R,), `joints` (J,) names, `xyz`
(R, J, 3) metres in the camera's optical frame, `score` (R, J), `keypoints` (K,) names, `uv`
(R, K, 3) px and score, `reprojection_px` (R,). One row a person and frame.

Keypoints (`KeypointFile`): `stamps_ns` (F,), `uv` (F, K, 3) px and score of one person, `keypoints`
(K,) names of COCO-17, BlazePose-33 or Human3.6M-17 in any order, `K` (3, 3), `distortion`
(optional).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.skeleton import (
    COCO_17, HUMAN36M_17, JointSet, convert_keypoints, joint_set_of)


class SkeletonFile:
    """Collects skeletons frame by frame and writes them."""

    def __init__(self) -> None:
        self._stamps: list[int] = []
        self._rows: list[tuple[int, Skeleton]] = []

    def add(self, stamp_ns: int, skeletons: list[Skeleton]) -> None:
        """Take in the skeletons of one more frame; people who were given up are left out."""
        present = [s for s in skeletons if s.state != TrackingState.LOST]
        self._rows += [(len(self._stamps), s) for s in present]
        self._stamps.append(stamp_ns)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def write(self, path: str | Path) -> None:
        """Write the file; raises InputError where that is not possible."""
        rows = [s for _, s in self._rows]

        def stacked(name: str, *shape: int) -> np.ndarray:
            values = [getattr(s, name) for s in rows]
            return np.array(values, np.float32).reshape(len(rows), *shape)

        joints, keypoints = len(HUMAN36M_17), len(COCO_17)
        try:
            np.savez_compressed(
                path, stamps_ns=np.array(self._stamps, np.int64),
                ids=np.array([s.id for s in rows], np.str_),
                frame=np.array([f for f, _ in self._rows], np.int64),
                joints=np.array(HUMAN36M_17.names), xyz=stacked('xyz', joints, 3),
                score=stacked('joint_scores', joints), keypoints=np.array(COCO_17.names),
                uv=stacked('keypoints', keypoints, 3), reprojection_px=stacked('reprojection_px'))
        except OSError as error:
            raise InputError(f'cannot write {path}: {error}') from error


@dataclass(frozen=True)
class KeypointFile:
    """2D keypoints of one person from a detector of the user's own."""

    stamps_ns: np.ndarray  # (F,) int64
    keypoints: np.ndarray  # (F, 17, 3) float32, COCO-17: u, v in px, score; NaN where unseen
    camera: Camera

    def write(self, path: str | Path) -> None:
        """Write the file; raises InputError where that is not possible."""
        try:
            np.savez_compressed(
                path, stamps_ns=self.stamps_ns, uv=self.keypoints, K=self.camera.matrix,
                keypoints=np.array(COCO_17.names), distortion=self.camera.distortion)
        except OSError as error:
            raise InputError(f'cannot write {path}: {error}') from error

    @classmethod
    def read(cls, path: str | Path) -> KeypointFile:
        """Read a file; raises InputError that names the array that is missing or misshapen."""
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError) as error:
            raise InputError(f'{path} is no NPZ file without pickled objects: {error}') from error
        for name in ('stamps_ns', 'uv', 'keypoints', 'K'):
            if name not in arrays:
                raise InputError(f'{path} lacks the array {name!r}; it has {sorted(arrays)}')
        names, stamps, uv = arrays['keypoints'], arrays['stamps_ns'], arrays['uv']
        if names.ndim != 1 or names.dtype.kind != 'U':
            raise InputError(f'{path}: keypoints must be (K,) strings, not {names.dtype} '
                             f'{names.shape}')
        _check_shape(path, 'stamps_ns', stamps, (None,))
        _check_shape(path, 'uv', uv, (len(stamps), len(names), 3))
        _check_shape(path, 'K', arrays['K'], (3, 3))
        if (np.diff(stamps) <= 0).any():
            raise InputError(f'{path}: stamps_ns must rise from frame to frame')
        source = joint_set_of(names)
        ordered = _in_order(uv.astype(np.float32), names, source)
        return cls(stamps.astype(np.int64), convert_keypoints(ordered, source, COCO_17),
                   _camera(arrays))


def _in_order(uv: np.ndarray, names: np.ndarray, target: JointSet) -> np.ndarray:
    given = [str(n).lower() for n in names]
    ordered = uv[:, [given.index(n) for n in target.names]]
    unseen = ~np.isfinite(ordered).all(-1)
    ordered[unseen] = np.nan, np.nan, 0
    ordered[..., 2] = np.clip(ordered[..., 2], 0, 1)
    return ordered


def _camera(arrays: dict[str, np.ndarray]) -> Camera:
    matrix = np.asarray(arrays['K'], np.float64)
    # The image's size is not in the file, and lifting does not need it.
    size = max(1, round(2 * matrix[0, 2])), max(1, round(2 * matrix[1, 2]))
    return Camera(matrix, *size, arrays.get('distortion', np.zeros(0)))


def _check_shape(path: str | Path, name: str, array: np.ndarray,
                 expected: tuple[int | None, ...]) -> None:
    fits = array.ndim == len(expected) and all(
        e in (None, n) for e, n in zip(expected, array.shape))
    if not fits or array.dtype.kind not in 'iuf':
        wanted = tuple('F' if e is None else e for e in expected)
        raise InputError(f'{path}: {name} must be numbers of shape {wanted}, '
                         f'not {array.dtype} {array.shape}')
