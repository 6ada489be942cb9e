# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the camera is: in the frame of the results, and above the floor."""

from __future__ import annotations

from dataclasses import dataclass
import time

from rclpy.node import Node
from std_msgs.msg import Header

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.input.transform_buffer import check_installed, TransformBuffer
from pose_machine_ros.settings import check, setting

AUTO = 'auto'
_PATIENCE = 1.0  # seconds without a pose before a warning: transforms arrive after the start
_REPEAT = 30.0  # seconds between warnings
_TROUBLE = 5.0  # seconds; failures that follow each other sooner belong together
_NEVER = float('-inf')


@dataclass(frozen=True)
class FramesConfig:
    """Frames of TF that the node uses."""

    target_frame: str = setting(
        '', 'Frame of TF in which people are published, for instance odom or base_link; empty = '
        'optical frame of the camera')
    floor: str = setting(
        '', 'Frame of TF whose origin is on the floor on which people stand, and whose z axis '
        'points up, for instance base_footprint or map. It determines sizes and distances, and '
        'replaces camera_height and camera_pitch. auto = height and pitch of the camera are '
        'estimated from people, for /diagnostics only')

    def __post_init__(self) -> None:
        check(self)
        for name in ('target_frame', 'floor'):
            value = getattr(self, name)
            if value != value.strip() or value.startswith('/'):
                raise InputError(f'{name} = {value!r} is not the name of a frame of ROS 2: write '
                                 f'{value.strip().lstrip("/")!r}')

    @property
    def floor_frame(self) -> str:
        """Return the frame of TF on the floor; empty if there is none."""
        return '' if self.floor == AUTO else self.floor

    @property
    def uses_tf(self) -> bool:
        """Whether a frame of TF is named."""
        return bool(self.target_frame or self.floor_frame)


class CameraPlacement:
    """Looks up the camera's poses that the results need, and reports missing ones.

    It subscribes to `/tf` and `/tf_static` from `open` to `close`, if a frame is configured.
    """

    def __init__(self, node: Node, config: FramesConfig = FramesConfig()) -> None:
        self._node = node
        self.config = config
        self._buffer: TransformBuffer | None = None
        self.target = _Lookup(node, 'people are not published')
        self.floor = _Lookup(node, 'the floor is not known')

    def open(self) -> None:
        """Subscribe, if needed; raises InputError if tf2_msgs is not installed."""
        if self._buffer is None and self.config.uses_tf:
            self._buffer = TransformBuffer(self._node)

    def close(self) -> None:
        """Unsubscribe."""
        if self._buffer is not None:
            self._buffer.close()
        self._buffer = None

    def configure(self, config: FramesConfig) -> None:
        """Use other frames from the next image on; raises InputError as `open` does."""
        if config.uses_tf:
            check_installed()
        elif self._buffer is not None:
            self.close()
        self.config = config

    def pose_in(self, target_frame: str, header: Header, stamp_ns: int) -> RigidTransform | None:
        """Return the pose of the camera in `target_frame` when it took an image.

        The identity if that is empty, None if TF does not tell.
        """
        if not target_frame:
            return RigidTransform()
        return self.target.find(self._buffer, target_frame, header, stamp_ns)

    def floor_below(self, frame: str, header: Header, stamp_ns: int) -> Floor | None:
        """Return the floor on which `frame` is in the camera's frame, None if TF does not tell.

        A camera that is not above the floor is a problem, too.
        """
        pose = self.floor.find(self._buffer, frame, header, stamp_ns)
        if pose is None:
            return None
        try:
            return Floor(tuple(pose.rotation[2].tolist()), float(pose.translation[2]))
        except InputError as error:
            self.floor.report(
                f'{error}: the origin of {frame!r} must be on the floor, and its z axis must point '
                'up')
            return None


class _Lookup:
    """Looks up one pose in each image, and reports when it is missing and when it is back."""

    def __init__(self, node: Node, consequence: str) -> None:
        self._logger = node.get_logger()
        self._consequence = consequence
        self._problem = ''  # the last one
        self._first, self._last = _NEVER, _NEVER  # failures of this time of trouble, monotonic s
        self._warned = _NEVER

    @property
    def problem(self) -> str:
        """Return why the pose is missing in some of the newest images, for diagnostics."""
        return self._problem if time.monotonic() - self._last < _PATIENCE else ''

    def find(self, buffer: TransformBuffer | None, frame: str, header: Header,
             stamp_ns: int) -> RigidTransform | None:
        """Return the pose of the frame of `header` in `frame`; None if it is missing."""
        if buffer is None:  # the node is about to rest
            return None
        try:
            if not header.frame_id:
                raise InputError('images have no frame_id, so that TF cannot tell where the camera '
                                 'is; let the driver set header.frame_id')
            pose = buffer.lookup(frame, header.frame_id, stamp_ns)
        except InputError as error:
            self.report(str(error))
            return None
        if self._warned > _NEVER and time.monotonic() - self._last > _PATIENCE:
            self._warned = _NEVER
            self._logger.info(f'TF tells again where {header.frame_id!r} is in {frame!r}')
        return pose

    def report(self, problem: str) -> None:
        """Note that the pose is missing; log it if this is not over in a second."""
        now = time.monotonic()
        if now - self._last > _TROUBLE:
            self._first = now
        self._problem, self._last = problem, now
        if now - self._first >= _PATIENCE and now - self._warned >= _REPEAT:
            self._warned = now
            self._logger.warning(f'{self._consequence}: {problem}')
