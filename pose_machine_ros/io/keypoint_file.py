# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""NPZ files of the 2D keypoints of one person, to lift or to learn from.

Arrays: `stamps_ns` (F,) whole nanoseconds that rise, `uv` (F, K, 3) px and score, as
`clean_keypoints` reads them, `keypoints` (K,) names of COCO-17, BlazePose-33, Human3.6M-17, BODY_25
or COCO-18 in any order, `K` (3, 3), and optionally `distortion` and `distortion_model` as in
CameraInfo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
import logging
from pathlib import Path

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.distortion_models import camera_info_distortion
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.keypoint_values import clean_keypoints
from pose_machine_ros.io.npz import read_npz, write_npz
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, find_joints, joint_set_of

_LOGGER = logging.getLogger(__name__)
_MAX_PIXELS = 2 ** 16  # width and height
_MIN_STEP_NS = 1_000_000  # 1000 frames per second; steps in microseconds are smaller, too
# Microseconds since 1970, nowadays. Nanoseconds since the start of a computer may be in this range
# too, but have larger steps.
_MICROSECONDS_NOW = (1.2e15, 2.5e15)
_USUAL_STEP_NS = 5_000_000


@dataclass(frozen=True)
class KeypointFile:
    """2D keypoints of one person from a detector of the user's own."""

    stamps_ns: np.ndarray  # (F,) int64
    keypoints: np.ndarray  # (F, 17, 3) float32, COCO-17: u, v in px, score; NaN where unseen
    camera: Camera

    def write(self, path: str | Path) -> None:
        """Write the file; raises InputError if that is not possible."""
        model, distortion = camera_info_distortion(self.camera.lens)
        write_npz(path, stamps_ns=self.stamps_ns, uv=self.keypoints, K=self.camera.matrix,
                  keypoints=np.array(COCO_17.names), distortion=np.array(distortion),
                  distortion_model=np.array(model), calibrated=np.array(self.camera.calibrated))

    @classmethod
    def read(cls, path: str | Path) -> KeypointFile:
        """Read a file; raises InputError that names the array that is missing or invalid."""
        arrays = read_npz(Path(path))
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
        _check_stamps(path, stamps)
        source = joint_set_of(names)
        ordered = uv[:, find_joints(source.names, names)]
        keypoints = convert_keypoints(clean_keypoints(ordered, f'{path}: uv'), source, COCO_17)
        return cls(stamps.astype(np.int64), keypoints, _camera(path, arrays))


def _check_stamps(path: str | Path, stamps: np.ndarray) -> None:
    if stamps.dtype.kind not in 'iu':
        raise InputError(f'{path}: stamps_ns are {stamps.dtype}, such as {stamps[:2].tolist()}; '
                         'they must be whole nanoseconds: np.round(seconds * 1e9).astype(np.int64)')
    if stamps.dtype.kind == 'u' and (stamps > np.iinfo(np.int64).max).any():
        raise InputError(f'{path}: stamps_ns reach {stamps.max()}; nanoseconds must fit int64')
    steps = np.diff(stamps.astype(np.int64))
    if (steps <= 0).any():
        i = int(np.argmax(steps <= 0))
        raise InputError(f'{path}: stamps_ns must rise from frame to frame; frame {i + 1} has '
                         f'{stamps[i + 1]} after {stamps[i]}')
    if len(steps) and np.median(steps) < _MIN_STEP_NS:
        raise InputError(
            f'{path}: stamps_ns rise by {np.median(steps):g} from frame to frame, which cannot be '
            'nanoseconds; multiply microseconds by 1000 and milliseconds by 1000000, and divide '
            'frame numbers by the frame rate: np.round(numbers / fps * 1e9).astype(np.int64)')
    least, most = _MICROSECONDS_NOW
    if len(steps) and least < stamps[0] < most and np.median(steps) < _USUAL_STEP_NS:
        raise InputError(f'{path}: stamps_ns begin with {stamps[0]}, which is the time since 1970 '
                         'in microseconds; multiply microseconds by 1000')


def _camera(path: str | Path, arrays: dict[str, np.ndarray]) -> Camera:
    matrix = np.asarray(arrays['K'], np.float64)
    distortion = arrays.get('distortion', np.zeros(0))
    if distortion.dtype.kind not in 'iuf':
        raise InputError(f'{path}: distortion must be numbers, not {distortion.dtype}')
    model = arrays.get('distortion_model', np.array('plumb_bob'))
    if model.size != 1 or model.dtype.kind != 'U':
        raise InputError(f'{path}: distortion_model must be one string, not {model.dtype} '
                         f'{model.shape}')
    # The file does not hold the image size; the principal point is near the middle.
    width, height = (round(2 * c) + 1 if 0 < c < _MAX_PIXELS else 0
                     for c in np.nan_to_num(matrix[:2, 2]))
    if not (width and height):
        raise InputError(f'{path}: camera matrix K = {matrix.ravel().tolist()} has no principal '
                         'point in the image; give the intrinsics of the camera')
    calibration = Calibration(
        width, height, tuple(matrix.ravel().tolist()), tuple(distortion.ravel().tolist()),
        model.item(), source=str(path))
    camera = calibration.camera()
    if camera.remark:
        _LOGGER.warning('%s: %s', path, camera.remark)
    if not arrays.get('calibrated', np.array(True)).all():
        return replace(camera, calibrated=False)
    return camera


def _check_shape(path: str | Path, name: str, array: np.ndarray,
                 expected: tuple[int | None, ...]) -> None:
    fits = array.ndim == len(expected) and all(
        e in (None, n) for e, n in zip(expected, array.shape))
    if not fits or array.dtype.kind not in 'iuf':
        wanted = tuple('F' if e is None else e for e in expected)
        raise InputError(f'{path}: {name} must be numbers of shape {wanted}, '
                         f'not {array.dtype} {array.shape}')
