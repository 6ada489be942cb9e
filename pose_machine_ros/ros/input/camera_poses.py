# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where cameras are in the target frame: from a file, from TF, or as the pose nodes say."""

from __future__ import annotations

from rclpy.node import Node

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration.extrinsics import Extrinsics
from pose_machine_ros.ros.conversions.camera_results import CameraResult
from pose_machine_ros.ros.input.transform_buffer import TransformBuffer


class CameraPoses:
    """Finds the pose of each camera at the time of its image.

    With the path of an extrinsics file TF is not used. Without one, it subscribes to TF between
    `subscribe` and `unsubscribe`.
    """

    def __init__(self, node: Node, target_frame: str, path: str) -> None:
        """Read the file, if any; raises InputError if it cannot be used."""
        self._node = node
        self._target_frame = target_frame
        self._path = path
        self._extrinsics = Extrinsics.load(path) if path else None
        self._buffer: TransformBuffer | None = None
        if self._extrinsics is not None and self._extrinsics.frame != target_frame:
            raise InputError(
                f'the poses in {path} are in the frame {self._extrinsics.frame!r}, and '
                f'target_frame is {target_frame!r}: set target_frame to '
                f'{self._extrinsics.frame!r}')

    def subscribe(self) -> None:
        """Subscribe to TF, if it is needed and not subscribed."""
        if self._extrinsics is None and self._buffer is None:
            self._buffer = TransformBuffer(self._node)

    def unsubscribe(self) -> None:
        """Unsubscribe from TF."""
        buffer, self._buffer = self._buffer, None
        if buffer is not None:
            buffer.close()

    def stamp_ns(self, result: CameraResult) -> int:
        """Return the stamp of a result, with the time offset of its camera.

        Raises InputError if that is not after 0, which no message can have.
        """
        offset = 0 if self._extrinsics is None else self._extrinsics.time_offset_ns(result.camera)
        stamp_ns = result.stamp_ns + offset
        if stamp_ns <= 0:
            raise InputError(f'with the time_offset of camera {result.camera}, {offset * 1e-9:.3f} '
                             's, its images are from before time 0, so they are left out: correct '
                             f'the time_offset in {self._path}')
        return stamp_ns

    def pose(self, result: CameraResult) -> RigidTransform:
        """Return the pose of a camera in the target frame; raises InputError if it is not known."""
        if self._extrinsics is not None:
            pose = self._extrinsics.cameras.get(result.camera)
            if pose is None:
                known = ', '.join(self._extrinsics.cameras)
                raise InputError(f'{self._path} has no pose of it, only of {known}: add it, or '
                                 'let the driver set this frame_id')
            return pose
        if result.frame == self._target_frame:
            return result.pose
        buffer = self._buffer
        if buffer is None:
            raise InputError('TF is not subscribed')
        return buffer.lookup(self._target_frame, result.camera, result.stamp_ns)
