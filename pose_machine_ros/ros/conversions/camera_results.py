# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The results of pose nodes, as the fusion takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from builtin_interfaces.msg import Time
import numpy as np
from rclpy.serialization import deserialize_message
from std_msgs.msg import Header

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.messages import pose_from_message, skeletons_from_message
from pose_machine_ros.io.skeleton_cdr import can_read, read_skeletons
from pose_machine_ros.pose import Skeleton, Space
from pose_machine_ros.ros.conversions.stamps import stamp_of
from pose_machine_ros.ros.output.output import FrameResult


@dataclass(frozen=True)
class CameraResult:
    """The people in one image of one camera; call `check` before use."""

    camera: str  # its optical frame
    stamp_ns: int
    skeletons: list[Skeleton]  # in the optical frame
    calibrated: bool
    width: int  # px
    height: int  # px
    frame: str  # in which the pose node publishes
    pose: RigidTransform  # of the optical frame in `frame`

    def check(self) -> None:
        """Raise InputError if the camera or the time is not known."""
        for value, what, name in ((self.camera, 'frame_id', 'pose of their camera'),
                                  (self.stamp_ns, 'stamp', 'time')):
            if not value:
                raise InputError(f'the images have no {what}, so the {name} is not known: let the '
                                 f'driver set header.{what}')


def from_message(message: Skeleton3DArray) -> CameraResult:
    """Return the result in a message of a pose node.

    Raises InputError for a message that is not of exactly one camera.
    """
    _check_cameras(len(message.cameras))
    view, = message.cameras
    header = message.header
    return _result(view.header.frame_id, stamp_of(view.header), skeletons_from_message(message),
                   view.calibrated, view.width, view.height, header.frame_id,
                   pose_from_message(view.pose))


def from_cdr(cdr: bytes) -> CameraResult:
    """Return the result in a serialized message; raises InputError as `from_message` does."""
    if not can_read(cdr):
        return from_message(deserialize_message(cdr, Skeleton3DArray))
    message = read_skeletons(cdr)
    _check_cameras(len(message.cameras))
    view, = message.cameras
    seconds, nanoseconds = view.stamp
    stamp = Header(stamp=Time(sec=seconds, nanosec=nanoseconds))
    return _result(view.frame_id, stamp_of(stamp), message.skeletons, view.calibrated, view.width,
                   view.height, message.frame_id, view.pose)


def _check_cameras(count: int) -> None:
    if count != 1:
        raise InputError(f'a message {f"is of {count} cameras" if count else "names no camera"}: '
                         'give the fusion the ~/skeletons of pose nodes, each with one camera')


def _result(camera: str, stamp_ns: int, skeletons: list[Skeleton], calibrated: bool, width: int,
            height: int, frame: str, pose: RigidTransform) -> CameraResult:
    if frame != camera:
        back = pose.inverse()
        skeletons = [moved(s, back, min(s.space, Space.CAMERA_METRIC)) for s in skeletons]
    return CameraResult(camera, stamp_ns, skeletons, calibrated, width, height, frame, pose)


def from_frame(result: FrameResult) -> CameraResult:
    """Return the result of a pose node in the same process."""
    header, camera = result.header, result.camera
    has_frame = result.frame_id and result.pose is not None
    return CameraResult(
        header.frame_id, stamp_of(header), result.skeletons, camera.calibrated, camera.width,
        camera.height, *((result.frame_id, result.pose) if has_frame
                         else (header.frame_id, RigidTransform())))


def moved(skeleton: Skeleton, transform: RigidTransform, space: Space) -> Skeleton:
    """Return a skeleton in another frame, which `transform` maps its joints into."""
    def of_joints(covariance: np.ndarray | None) -> np.ndarray | None:
        return covariance if covariance is None \
            else transform.rotate_covariance(covariance).astype(np.float32)
    return replace(
        skeleton, space=space, xyz=transform.apply(skeleton.xyz).astype(np.float32),
        velocity=transform.rotate(skeleton.velocity).astype(np.float32),
        covariance=of_joints(skeleton.covariance),
        velocity_covariance=of_joints(skeleton.velocity_covariance))
