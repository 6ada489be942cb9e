# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeleton3DArray read from its serialized form (CDR), much faster than through a message.

rclpy makes a Python object of each point of each joint. Here, all joints of a person are one array.
The layout is that of the message definitions 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
import struct

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, convert_rays, HUMAN36M_17

_LITTLE_ENDIAN = b'\x00\x01'  # of the first two bytes; the other two are options
_START = 4  # of the data, to which alignment is relative
_JOINT = np.dtype([
    ('position', '<f8', 3), ('velocity', '<f8', 3), ('orientation', '<f8', 4), ('score', '<f4'),
    ('padding', '<f4'), ('position_covariance', '<f8', (3, 3)),
    ('velocity_covariance', '<f8', (3, 3)), ('keypoint', '<f4', 3), ('ray', '<f4', 3)])


@dataclass(frozen=True)
class ReadCamera:
    """A CameraView."""

    frame_id: str  # of the optical frame
    stamp: tuple[int, int]  # seconds, nanoseconds
    pose: RigidTransform  # of the optical frame in the frame of the skeletons
    calibrated: bool
    width: int  # px
    height: int  # px


@dataclass(frozen=True)
class ReadSkeletons:
    """A Skeleton3DArray, as far as the fusion needs it."""

    frame_id: str
    cameras: list[ReadCamera]
    skeletons: list[Skeleton]


def can_read(cdr: bytes) -> bool:
    """Return whether the encoding of a serialized message is the usual one."""
    return bytes(cdr[:2]) == _LITTLE_ENDIAN


def read_skeletons(cdr: bytes) -> ReadSkeletons:
    """Return the contents of a message whose encoding `can_read`.

    Raises InputError if it is not a Skeleton3DArray.
    """
    reader = _Reader(cdr)
    try:
        reader.numbers('iI')
        frame_id, _ = reader.text(), reader.text()
        skeletons = [_skeleton(reader) for _ in range(reader.numbers('I')[0])]
        cameras = [_camera(reader) for _ in range(reader.numbers('I')[0])]
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise InputError('a message is not a Skeleton3DArray of this version: update the node that '
                         f'publishes it ({error})') from error
    return ReadSkeletons(frame_id, cameras, skeletons)


def _camera(reader: _Reader) -> ReadCamera:
    stamp, frame_id = reader.numbers('iI'), reader.text()
    pose = np.array(reader.numbers('7d'))
    calibrated, = reader.numbers('?')
    return ReadCamera(frame_id, stamp, RigidTransform.from_quaternion(pose[3:], pose[:3]),
                      calibrated, *reader.numbers('II'))


def _skeleton(reader: _Reader) -> Skeleton:
    name = reader.text()
    state, = reader.numbers('B')
    score, left, top, height, width, _, space = reader.numbers('f4I?B')
    reader.array('<f8', 7 + 36)  # root
    stature, stature_sigma, cameras = reader.numbers('ffI')
    reader.array('u1', cameras)
    joints = reader.array(_JOINT, reader.numbers('I')[0])
    reprojection_px, correction_m = reader.numbers('ff')
    return Skeleton(
        name, TrackingState(state), Space(space), joints['position'].astype(np.float32),
        joints['position_covariance'].astype(np.float32), joints['velocity'].astype(np.float32),
        joints['score'].copy(), score, convert_keypoints(joints['keypoint'], HUMAN36M_17, COCO_17),
        np.array([left, top, left + width, top + height], np.float32), reprojection_px,
        correction_m, convert_rays(joints['ray'], HUMAN36M_17, COCO_17), stature, stature_sigma,
        joints['velocity_covariance'].astype(np.float32))


class _Reader:
    """Reads values one after another, each aligned to its size."""

    def __init__(self, cdr: bytes) -> None:
        self._data = memoryview(cdr)[_START:]
        self._at = 0

    def numbers(self, kinds: str) -> tuple:
        """Return numbers with the kinds of the module struct."""
        found = []
        count = ''
        for kind in kinds:
            if kind.isdigit():
                count += kind
                continue
            size = struct.calcsize(kind)
            self._align(size)
            repeated = f'<{count}{kind}'
            found += struct.unpack_from(repeated, self._data, self._at)
            self._at += struct.calcsize(repeated)
            count = ''
        return tuple(found)

    def text(self) -> str:
        """Return a string."""
        size, = self.numbers('I')
        text = bytes(self._data[self._at:self._at + size])
        if len(text) < size or size < 1:
            raise ValueError('a string ends too early')
        self._at += size
        return text[:-1].decode()

    def array(self, kind: np.dtype | str, count: int) -> np.ndarray:
        """Return the next elements as an array."""
        kind = np.dtype(kind)
        if count:
            self._align(8 if kind.itemsize % 8 == 0 else kind.itemsize)
        found = np.frombuffer(self._data, kind, count, self._at) if count else np.zeros(0, kind)
        self._at += count * kind.itemsize
        return found

    def _align(self, size: int) -> None:
        self._at += -self._at % size
