# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""NPZ files: skeletons of a video, and 2D keypoints to lift.

Skeletons (`SkeletonFile`): `stamps_ns` (F,), `ids` (R,), `frame` (R,), `joints` (J,) names, `xyz`
(R, J, 3) metres in the camera's optical frame, `score` (R, J), `keypoints` (K,) names, `uv`
(R, K, 3) px and score, `reprojection_px` (R,). One row a person and frame.

Keypoints (`KeypointFile`): `stamps_ns` (F,) whole nanoseconds that rise, `uv` (F, K, 3) px and
score of one person, as `clean_keypoints` reads them, `keypoints` (K,) names of COCO-17,
BlazePose-33, Human3.6M-17, BODY_25 or COCO-18 in any order, `K` (3, 3), and optionally `distortion`
and `distortion_model` as in CameraInfo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
import logging
from pathlib import Path
import zipfile

import numpy as np

from pose_machine_ros.camera import Camera
from pose_machine_ros.camera.distortion_models import ros_name
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.keypoint_values import clean_keypoints
from pose_machine_ros.io.output_files import check_output_file, output_file
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import (
    COCO_17, convert_keypoints, find_joints, HUMAN36M_17, joint_set_of)

_LOGGER = logging.getLogger(__name__)
_MOST_PIXELS = 2 ** 16  # width and height
_MIN_STEP_NS = 1_000_000  # 1000 frames a second; microseconds are below at usual rates, too
# Since 1970, of today; nanoseconds since the start of a computer may be as many, at usual rates.
_MICROSECONDS_NOW = (1.2e15, 2.5e15)
_USUAL_STEP_NS = 5_000_000


class SkeletonFile:
    """Collects skeletons frame by frame and writes them."""

    def __init__(self) -> None:
        self._stamps: list[int] = []
        self._rows: list[tuple[int, Skeleton]] = []

    def add(self, stamp_ns: int, skeletons: list[Skeleton]) -> None:
        """Take in the skeletons of one more frame; people who were given up are left out."""
        present = [s for s in skeletons if s.state.is_active]
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
        _write(path, stamps_ns=np.array(self._stamps, np.int64),
               ids=np.array([s.id for s in rows], np.str_),
               frame=np.array([f for f, _ in self._rows], np.int64),
               joints=np.array(HUMAN36M_17.names), xyz=stacked('xyz', joints, 3),
               score=stacked('joint_scores', joints), keypoints=np.array(COCO_17.names),
               uv=stacked('keypoints', keypoints, 3), reprojection_px=stacked('reprojection_px'))

    @staticmethod
    def check(path: str | Path) -> None:
        """Raise InputError if a file cannot be written as `path`; changes nothing."""
        check_output_file(_npz_path(path))


@dataclass(frozen=True)
class KeypointFile:
    """2D keypoints of one person from a detector of the user's own."""

    stamps_ns: np.ndarray  # (F,) int64
    keypoints: np.ndarray  # (F, 17, 3) float32, COCO-17: u, v in px, score; NaN where unseen
    camera: Camera

    def write(self, path: str | Path) -> None:
        """Write the file; raises InputError where that is not possible."""
        model, distortion = ros_name(self.camera.lens)
        _write(path, stamps_ns=self.stamps_ns, uv=self.keypoints, K=self.camera.matrix,
               keypoints=np.array(COCO_17.names), distortion=np.array(distortion),
               distortion_model=np.array(model), calibrated=np.array(self.camera.calibrated))

    @classmethod
    def read(cls, path: str | Path) -> KeypointFile:
        """Read a file; raises InputError that names the array that is missing or not usable."""
        arrays = _load(Path(path))
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


def _npz_path(path: str | Path) -> Path:
    """Return the name that NumPy gives an NPZ file."""
    path = Path(path)
    return path if path.suffix == '.npz' else path.with_name(f'{path.name}.npz')


def _write(path: str | Path, **arrays: np.ndarray) -> None:
    with output_file(_npz_path(path)) as partial:
        try:
            np.savez_compressed(partial, **arrays)
        except OSError as error:
            raise InputError(f'cannot write {path}: {error}') from error


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        if not zipfile.is_zipfile(path):
            raise InputError(f'{path} is no NPZ file but {_kind(path.read_bytes())}; '
                             'write it with numpy.savez')
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: _array(path, file, name) for name in file.files}
    except InputError:
        raise
    except Exception as error:  # each kind of damage raises another one, in zipfile and in NumPy
        raise InputError(f'{path} is no NPZ file that can be read: {error}; write it again with '
                         'numpy.savez') from error
    # NumPy gives the bytes of files in it that are no arrays.
    return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}


def _array(path: Path, file: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    try:
        return file[name]
    except ValueError as error:
        if 'allow_pickle' not in str(error):
            raise
        raise InputError(
            f'{path}: the array {name!r} holds pickled objects, which are not loaded; save numbers '
            'with a dtype of numbers, and names with dtype=str') from error


def _kind(content: bytes) -> str:
    """Return what a file is that is no NPZ file."""
    if content.startswith(b'\x93NUMPY'):
        return 'a single array (NPY)'
    if content[:1] == b'\x80':
        return 'a pickle'
    if content.lstrip()[:1] in (b'{', b'['):
        return 'JSON: give it a name that ends in .json'
    return 'empty' if not content else 'of another kind'


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
    # The image's size is not in the file; a principal point is near the middle.
    width, height = (round(2 * c) + 1 if 0 < c < _MOST_PIXELS else 0
                     for c in np.nan_to_num(matrix[:2, 2]))
    if not (width and height):
        raise InputError(f'{path}: camera matrix K = {matrix.ravel().tolist()} has no principal '
                         'point in the image; give the intrinsics of the camera')
    said = Calibration(width, height, tuple(matrix.ravel().tolist()),
                       tuple(distortion.ravel().tolist()), model.item(), source=str(path))
    camera = said.camera()
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
