# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of skeletons to messages of pose_machine_msgs."""

from __future__ import annotations

from collections.abc import Sequence

from geometry_msgs.msg import Point, Pose, Quaternion, Vector3
import numpy as np
from rclpy.duration import Duration
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from pose_machine_msgs.msg import CameraView, Joint3D, Skeleton3D, Skeleton3DArray, SkeletonModel
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.quaternions import quaternions_of
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.orientations import joint_axes
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.root_covariance import PELVIS, root_covariances
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, convert_rays, HUMAN36M_17

_SPINE = HUMAN36M_17.index('spine')  # its axes are those of the trunk
_UNKNOWN = np.full((len(HUMAN36M_17), 3, 3), np.nan, np.float32)


def model_message() -> SkeletonModel:
    """Return names and parents of the joints, in the order of the joints of every skeleton."""
    return SkeletonModel(name=HUMAN36M_17.name, joint_names=list(HUMAN36M_17.names),
                         parents=list(HUMAN36M_17.parents))


def camera_message(header: Header, camera: Camera,
                   pose: RigidTransform = RigidTransform()) -> CameraView:
    """Return the message of a camera whose newest image has this `header`.

    `pose` is that of its optical frame in the frame of the skeletons.
    """
    return CameraView(header=header, pose=pose_message(pose), calibrated=camera.calibrated,
                      width=camera.width, height=camera.height)


def pose_message(pose: RigidTransform) -> Pose:
    """Return the message of the pose of a frame."""
    message = Pose()
    _set_position(message.position, pose.translation.tolist())
    _set_quaternion(message.orientation, quaternions_of(pose.rotation).tolist())
    return message


def skeletons_message(skeletons: Sequence[Skeleton], header: Header, cameras: list[CameraView],
                      latency_ns: int, seen_by: Sequence[Sequence[int]] | None = None
                      ) -> Skeleton3DArray:
    """Return the message of people in the frame of `header`, whose stamp is the newest image's.

    `cameras` are the cameras that took part; only a single one has bounding boxes. `seen_by` tells
    of each person which of them see the person; without it, the only camera sees everyone who is
    seen. `keypoints`, `rays` and `box` of people whom several cameras see have to be those of an
    unseen person.
    """
    if seen_by is None:
        seen_by = [[0] if s.state.is_seen else [] for s in skeletons]
    camera = cameras[0] if len(cameras) == 1 else None
    message = Skeleton3DArray(header=header, model=HUMAN36M_17.name, cameras=cameras,
                              latency=Duration(nanoseconds=latency_ns).to_msg())
    if skeletons:
        message.skeletons = [
            _skeleton(*values, camera) for values in zip(skeletons, seen_by, *_people(
                skeletons, camera))]
    return message


def _people(skeletons: Sequence[Skeleton], camera: CameraView | None
            ) -> tuple[list[list[Joint3D]], list[list[float]], np.ndarray]:
    """Return the joints of each person, the poses of the roots and their covariances.

    A joint without a supporting keypoint has NaN coordinates and score 0. This is called in each
    frame. Therefore the arrays of all people are converted as a whole, and points are filled in
    place: a constructor makes a default of each field first.
    """
    def stacked(name: str) -> np.ndarray:
        return np.array([getattr(s, name) for s in skeletons])

    def covariances(parts: list[np.ndarray | None]) -> np.ndarray:
        whole = np.array([_UNKNOWN if part is None else part for part in parts], np.float64)
        whole[unknown] = np.nan
        return whole

    xyz, velocity, scores = stacked('xyz'), stacked('velocity'), stacked('joint_scores')
    unknown = ~((scores > 0) & np.isfinite(xyz).all(-1))
    xyz[unknown], velocity[unknown], scores[unknown] = np.nan, np.nan, 0
    axes = joint_axes(xyz)
    orientations = quaternions_of(axes)
    of_positions = covariances([s.covariance for s in skeletons])
    of_velocities = covariances([s.velocity_covariance for s in skeletons])
    rows = np.concatenate((
        xyz, velocity, orientations, scores[..., None],
        convert_keypoints(stacked('keypoints'), COCO_17, HUMAN36M_17)), -1)
    rays = convert_rays(stacked('rays'), COCO_17, HUMAN36M_17)
    joints = [[_joint(*values) for values in zip(*person)] for person in zip(
        rows.tolist(), *(c.reshape(len(skeletons), -1, 9) for c in (of_positions, of_velocities)),
        rays)]
    roots = np.concatenate((xyz[:, PELVIS], orientations[:, _SPINE]), 1)
    return joints, roots.tolist(), root_covariances(
        xyz, of_positions, axes[:, _SPINE],
        np.array([s.stature_sigma / s.stature for s in skeletons]), _viewpoint(camera))


def _viewpoint(camera: CameraView | None) -> np.ndarray | None:
    """Return the position (3,) of the only camera, metres."""
    if camera is None:
        return None
    place = camera.pose.position
    return np.array((place.x, place.y, place.z))


def _skeleton(skeleton: Skeleton, seen_by: Sequence[int], joints: list[Joint3D],
              root: list[float], root_covariance: np.ndarray, camera: CameraView | None
              ) -> Skeleton3D:
    message = Skeleton3D(
        id=skeleton.id, tracking_state=int(skeleton.state), score=float(skeleton.score),
        space=int(skeleton.space), stature=float(skeleton.stature),
        stature_sigma=float(skeleton.stature_sigma), seen_by=list(seen_by), joints=joints,
        reprojection_error=float(skeleton.reprojection_px),
        correction=float(skeleton.correction_m))
    if camera is not None:
        _set_region(message.roi, skeleton.box, camera.width, camera.height)
    _set_position(message.root.pose.position, root[:3])
    _set_quaternion(message.root.pose.orientation, root[3:])
    message.root.covariance = root_covariance.ravel()
    return message


def _joint(row: list[float], position_covariance: np.ndarray, velocity_covariance: np.ndarray,
           ray: np.ndarray) -> Joint3D:
    joint = Joint3D(position_covariance=position_covariance,
                    velocity_covariance=velocity_covariance, ray=ray)
    _set_position(joint.position, row[:3])
    _set_position(joint.velocity, row[3:6])
    _set_quaternion(joint.orientation, row[6:10])
    joint.score, joint.u, joint.v, joint.keypoint_score = row[10:]
    return joint


def _set_position(message: Point | Vector3, xyz: Sequence[float]) -> None:
    message.x, message.y, message.z = xyz


def _set_quaternion(message: Quaternion, quaternion: Sequence[float]) -> None:
    message.x, message.y, message.z, message.w = quaternion


def _set_region(region: RegionOfInterest, box: np.ndarray, width: int, height: int) -> None:
    """Set the part of a bounding box (left, top, right, bottom in px) inside the image."""
    if not np.isfinite(box).all():
        return
    left, top, right, bottom = np.clip(box.round(), 0, (width, height) * 2).astype(int).tolist()
    region.x_offset, region.y_offset = left, top
    region.width, region.height = max(right - left, 0), max(bottom - top, 0)
