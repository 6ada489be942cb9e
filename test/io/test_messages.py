# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons that are written to a message and read again, by rclpy and by rosbags."""

from __future__ import annotations

from collections.abc import Callable
import math
from typing import Any

import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from scipy.spatial.transform import Rotation
from support.people import CAMERA, header, skeleton, standing

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.body_frame import body_frame
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.bags import typestore
from pose_machine_ros.io.messages import pose_from_message, skeletons_from_message
from pose_machine_ros.orientations import joint_orientations
from pose_machine_ros.pose import Skeleton, Space, TrackingState, unseen_keypoints
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_KEYPOINTS

POSE = RigidTransform(Rotation.random(random_state=4).as_matrix(), np.array([1.0, -2, 0.5]))
ARRAYS = ('xyz', 'covariance', 'velocity', 'joint_scores', 'velocity_covariance')
NUMBERS = ('id', 'state', 'space', 'score', 'reprojection_px', 'correction_m', 'stature',
           'stature_sigma')


def by_rclpy(message: Skeleton3DArray) -> Any:
    return deserialize_message(serialize_message(message), Skeleton3DArray)


def by_rosbags(message: Skeleton3DArray) -> Any:
    return typestore().deserialize_cdr(
        bytes(serialize_message(message)), 'pose_machine_msgs/msg/Skeleton3DArray')


def read(readers: Callable, *skeletons: Skeleton, **options: Any) -> list[Skeleton]:
    head = header()
    return skeletons_from_message(readers(skeletons_message(
        skeletons, head, [camera_message(head, CAMERA, POSE)], 0, **options)))


def full(name: str = 'p1', **changes: object) -> Skeleton:
    """Return a person with every field."""
    rng = np.random.default_rng(7)
    rays = rng.normal(size=(17, 3))
    spread = rng.normal(size=(17, 3, 3)).astype(np.float32)
    values = {
        'rays': (rays / np.linalg.norm(rays, axis=-1, keepdims=True)).astype(np.float32),
        'stature': 1.75, 'stature_sigma': 0.05, 'space': Space.WORLD_METRIC,
        'velocity_covariance': spread @ spread.swapaxes(-1, -2),
        'box': np.float32([5, 10, 600, 300])}
    return skeleton(name, **{**values, **changes})


@pytest.fixture(params=[by_rclpy, by_rosbags], ids=['rclpy', 'rosbags'])
def readers(request: pytest.FixtureRequest) -> Callable:
    return request.param


def test_everything_is_read_again(readers: Callable) -> None:
    people = [full(), full('p2', state=TrackingState.NEW, space=Space.ROOT_RELATIVE)]
    for found, person in zip(read(readers, *people), people, strict=True):
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(found, name), getattr(person, name), name)
        for name in NUMBERS:
            assert getattr(found, name) == pytest.approx(getattr(person, name)), name
        np.testing.assert_array_equal(found.box, person.box)
        seen = list(SHARED_KEYPOINTS)
        np.testing.assert_allclose(found.keypoints[seen], person.keypoints[seen])
        np.testing.assert_allclose(found.rays[seen], person.rays[seen])
        rest = [i for i in range(17) if i not in seen]  # eyes and ears
        assert np.isnan(found.rays[rest]).all() and np.isnan(found.keypoints[rest, :2]).all()
        assert (found.keypoints[rest, 2] == 0).all()


def test_root_and_orientations_follow_from_the_joints(readers: Callable) -> None:
    head = header()
    person = standing(turn=Rotation.random(random_state=1))
    message = readers(skeletons_message([person], head, [camera_message(head, CAMERA)], 0))
    found, = skeletons_from_message(message)
    root = message.skeletons[0].root.pose.orientation
    assert (root.x, root.y, root.z, root.w) == body_frame(found).quaternion()
    np.testing.assert_array_equal(
        joint_orientations(found.xyz),
        [[getattr(j.orientation, k) for k in 'xyzw'] for j in message.skeletons[0].joints])


def test_what_is_not_known_stays_unknown(readers: Callable) -> None:
    unseen = full(keypoints=unseen_keypoints(), rays=np.full((17, 3), np.nan, np.float32),
                  box=np.full(4, np.nan, np.float32), stature=math.nan, stature_sigma=math.nan,
                  velocity_covariance=None, state=TrackingState.PREDICTED)
    unseen.joint_scores[HUMAN36M_17.index('left_wrist')] = 0
    found, = read(readers, unseen)
    assert np.isnan(found.rays).all() and np.isnan(found.box).all()
    assert np.isnan(found.keypoints[:, :2]).all() and (found.keypoints[:, 2] == 0).all()
    assert math.isnan(found.stature) and math.isnan(found.stature_sigma)
    assert np.isnan(found.velocity_covariance).all()
    assert np.isnan(found.xyz).any(-1).tolist() == [
        name == 'left_wrist' for name in HUMAN36M_17.names]


def test_the_pose_of_the_camera_is_read_again(readers: Callable) -> None:
    head = header()
    message = readers(skeletons_message([], head, [camera_message(head, CAMERA, POSE)], 0))
    found = pose_from_message(message.cameras[0].pose)
    np.testing.assert_allclose(found.rotation, POSE.rotation, atol=1e-12)
    np.testing.assert_array_equal(found.translation, POSE.translation)


def test_a_pose_that_is_none_is_refused() -> None:
    message = camera_message(header(), CAMERA).pose
    message.orientation.w = 0.0
    with pytest.raises(InputError, match='rotation'):
        pose_from_message(message)
