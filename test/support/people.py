# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons and frame results for tests of messages."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header
from support.observations import standing_pose

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.lifting.placement import CameraPath
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message
from pose_machine_ros.ros.output.output import FrameResult

CAMERA = Camera(np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), 640, 480)


def skeleton(name: str = 'person_1', **changes: object) -> Skeleton:
    """Return a skeleton with random joints, all seen."""
    rng = np.random.default_rng(1)
    spread = rng.normal(size=(17, 3, 3)).astype(np.float32)
    values = {
        'id': name, 'state': TrackingState.TRACKED, 'space': Space.CAMERA_METRIC,
        'xyz': rng.normal(size=(17, 3)).astype(np.float32) + np.float32(3),
        'covariance': spread @ spread.swapaxes(-1, -2),
        'velocity': rng.normal(size=(17, 3)).astype(np.float32),
        'joint_scores': np.linspace(0.2, 1, 17, dtype=np.float32), 'score': 0.8,
        'keypoints': rng.uniform(0.1, 1, (17, 3)).astype(np.float32) * np.float32([640, 480, 1]),
        'box': np.float32([-5, 10, 700, 300]), 'reprojection_px': 4.5, 'correction_m': 0.02}
    return Skeleton(**{**values, **changes})


def standing(name: str = 'p1', at: tuple[float, float, float] = (0, 0, 4),
             turn: Rotation = Rotation.identity(), **changes: object) -> Skeleton:
    """Return a person who faces the camera, rotated by `turn`, with the pelvis at `at` metres."""
    xyz = turn.apply(standing_pose().numpy()) + at
    return skeleton(name, xyz=xyz.astype(np.float32), **changes)


def placed(person: Skeleton, pose: RigidTransform) -> Skeleton:
    """Return a person in the frame in which the camera has this pose."""
    path = CameraPath()
    path.add(0, pose)
    return path.place(person)


def result(*skeletons: Skeleton, seconds: float = 1.0, frame_id: str = 'eye') -> FrameResult:
    """Return the result of a grey image of these people, 640 x 480 px."""
    image = np.full((480, 640, 3), 90, np.uint8)
    return FrameResult(list(skeletons), header(seconds, frame_id), image, CAMERA, 10**7)


def skeletons_of_image(skeletons: list[Skeleton], header: Header, width: int = 640,
                       height: int = 480, latency_ns: int = 0) -> Skeleton3DArray:
    """Return the message of the people in an image of a calibrated camera."""
    camera = Camera(CAMERA.matrix, width, height)
    return skeletons_message(skeletons, header, [camera_message(header, camera)], latency_ns)


def header(seconds: float = 1.0, frame_id: str = 'camera_optical') -> Header:
    """Return a header with this stamp."""
    message = Header(frame_id=frame_id)
    message.stamp.sec, message.stamp.nanosec = divmod(round(seconds * 1e9), 10**9)
    return message
