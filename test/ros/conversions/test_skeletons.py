# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons in messages: all values arrive, and all joints are in order."""

from __future__ import annotations

import math

import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from support.people import header, skeleton, skeletons_of_image

from pose_machine_msgs.msg import Skeleton3D
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.ros.conversions.skeletons import model_message
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17


def sent(*skeletons: Skeleton, latency_ns: int = 0) -> object:
    """Return the message of `skeletons` after serialization."""
    message = skeletons_of_image(list(skeletons), header(), latency_ns=latency_ns)
    return deserialize_message(serialize_message(message), type(message))


def position(joint: object) -> list[float]:
    return [joint.position.x, joint.position.y, joint.position.z]


def test_a_skeleton_arrives_whole() -> None:
    person = skeleton()
    message = sent(person, latency_ns=1_234_567_890)
    assert message.header == header() and message.model == 'human36m_17'
    assert (message.latency.sec, message.latency.nanosec) == (1, 234_567_890)
    received, = message.skeletons
    assert (received.id, received.tracking_state, received.space) == (
        'person_1', Skeleton3D.TRACKED, Skeleton3D.CAMERA_METRIC)
    np.testing.assert_array_equal([position(j) for j in received.joints], person.xyz)
    np.testing.assert_array_equal(
        [j.position_covariance.reshape(3, 3) for j in received.joints], person.covariance)
    np.testing.assert_array_equal(
        [[j.velocity.x, j.velocity.y, j.velocity.z] for j in received.joints], person.velocity)
    np.testing.assert_array_equal([j.score for j in received.joints], person.joint_scores)
    np.testing.assert_array_equal(
        np.float32([[j.u, j.v] for j in received.joints]),
        convert_keypoints(person.keypoints, COCO_17, HUMAN36M_17)[:, :2])
    assert math.isclose(received.reprojection_error, 4.5)
    assert math.isclose(received.correction, 0.02, rel_tol=1e-6)


def test_the_region_is_the_box_inside_the_image() -> None:
    region = sent(skeleton()).skeletons[0].roi
    assert (region.x_offset, region.y_offset, region.width, region.height) == (0, 10, 640, 290)


def test_a_joint_without_support_keeps_its_place() -> None:
    person = skeleton()
    person.joint_scores[4] = 0
    joints = sent(person).skeletons[0].joints
    assert len(joints) == 17 and joints[4].score == 0
    assert np.isnan(position(joints[4])).all() and np.isnan(joints[4].position_covariance).all()
    assert np.isfinite([position(j) for i, j in enumerate(joints) if i != 4]).all()


def test_a_person_never_lifted_has_all_joints_without_positions() -> None:
    nowhere = skeleton(
        xyz=np.full((17, 3), np.nan, np.float32), keypoints=np.full((17, 3), np.nan, np.float32),
        box=np.full(4, np.nan, np.float32), reprojection_px=math.nan, state=TrackingState.LOST)
    received, = sent(nowhere).skeletons
    assert received.tracking_state == Skeleton3D.LOST and len(received.joints) == 17
    assert all(j.score == 0 and math.isnan(j.u) for j in received.joints)
    assert received.roi.width == 0


def test_nobody_is_an_empty_array_with_the_header() -> None:
    message = sent()
    assert message.header == header() and len(message.skeletons) == 0


def test_constants_are_those_of_the_message() -> None:
    for state in TrackingState:
        assert getattr(Skeleton3D, state.name) == state
    for space in Space:
        assert getattr(Skeleton3D, space.name) == space


def test_the_model_names_every_joint() -> None:
    model = model_message()
    assert model.name == sent().model
    assert tuple(model.joint_names) == HUMAN36M_17.names
    assert tuple(model.parents) == HUMAN36M_17.parents
