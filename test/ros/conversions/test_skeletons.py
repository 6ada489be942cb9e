# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons in messages: all values arrive, and all joints are in order."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from scipy.spatial.transform import Rotation
from support.people import CAMERA, header, skeleton, skeletons_of_image, standing

from pose_machine_msgs.msg import Skeleton3D
from pose_machine_ros.body_frame import body_frame
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.messages import pose_from_message
from pose_machine_ros.orientations import joint_axes, joint_orientations
from pose_machine_ros.pose import Skeleton, Space, TrackingState, unseen_keypoints, unseen_rays
from pose_machine_ros.root_covariance import root_covariances
from pose_machine_ros.ros.conversions.skeletons import (
    camera_message, model_message, skeletons_message)
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


def test_a_skeleton_in_the_frame_of_its_camera_has_that_camera() -> None:
    message = sent(skeleton())
    camera, = message.cameras
    assert camera.header == header() and camera.calibrated
    assert (camera.width, camera.height) == (640, 480)
    assert pose_from_message(camera.pose).rotation.tolist() == np.eye(3).tolist()
    assert list(message.skeletons[0].seen_by) == [0]
    guessed = camera_message(header(), Camera.from_fov(320, 240))
    assert not guessed.calibrated and (guessed.width, guessed.height) == (320, 240)


def test_only_who_is_seen_is_seen_by_the_camera() -> None:
    message = sent(*(skeleton(s.name, state=s) for s in TrackingState))
    assert [list(s.seen_by) for s in message.skeletons] == [[0], [0], [], []]


def test_a_fused_person_has_cameras_and_nothing_of_an_image() -> None:
    turn = RigidTransform(Rotation.random(random_state=2).as_matrix(), np.array([1.0, 2, 3]))
    cameras = [camera_message(header(i, f'eye{i}'), CAMERA, turn) for i in range(3)]
    fused = standing(space=Space.WORLD_METRIC, keypoints=unseen_keypoints(), rays=unseen_rays(),
                     box=np.full(4, np.nan, np.float32), stature=1.8, stature_sigma=0.02)
    people = [fused, replace(fused, id='p2'), replace(fused, id='p3')]
    message = skeletons_message(people, header(5.0, 'world'), cameras, 0, [[0, 2], [1], []])
    message = deserialize_message(serialize_message(message), type(message))
    assert [list(s.seen_by) for s in message.skeletons] == [[0, 2], [1], []]
    assert [c.header.frame_id for c in message.cameras] == ['eye0', 'eye1', 'eye2']
    assert message.header.frame_id == 'world' and message.header.stamp.sec == 5
    person = message.skeletons[0]
    assert person.space == Skeleton3D.WORLD_METRIC and person.stature == pytest.approx(1.8)
    assert (person.roi.width, person.roi.height) == (0, 0)
    assert all(math.isnan(j.u) and math.isnan(j.v) and j.keypoint_score == 0
               and np.isnan(j.ray).all() for j in person.joints)
    assert np.isfinite([position(j) for j in person.joints]).all()
    assert np.isfinite(person.root.covariance).all()


def test_the_root_is_the_trunk_with_its_covariance() -> None:
    person = standing(turn=Rotation.random(random_state=3), stature=1.7, stature_sigma=0.05)
    known = standing(turn=Rotation.random(random_state=4))
    known.joint_scores[HUMAN36M_17.index('left_hip')] = 0
    root, partial = (s.root for s in sent(person, known).skeletons)
    found, turn = root.pose.position, root.pose.orientation
    np.testing.assert_allclose((found.x, found.y, found.z), body_frame(person).origin, atol=1e-6)
    np.testing.assert_allclose((turn.x, turn.y, turn.z, turn.w), body_frame(person).quaternion())
    covariance = root.covariance.reshape(6, 6)
    np.testing.assert_array_equal(covariance[:3, :3], person.covariance[0])
    axes = joint_axes(person.xyz[None])[:, HUMAN36M_17.index('spine')]
    np.testing.assert_allclose(covariance, root_covariances(
        person.xyz[None], person.covariance[None], axes, np.array([0.05 / 1.7]), np.zeros(3))[0])
    assert math.isnan(partial.pose.orientation.w) and math.isfinite(partial.pose.position.x)


def test_in_another_frame_the_view_is_from_where_the_camera_is() -> None:
    """The uncertainty of the size is along the view, so it has to be the same in every frame."""
    pose = RigidTransform(Rotation.random(random_state=2).as_matrix(), np.array([1.0, 2, 3]))
    sigma = 0.06
    person = standing(stature=1.7, stature_sigma=1.7 * sigma)
    away = sigma * person.xyz
    person = replace(person, covariance=np.eye(3) * 1e-4 + away[:, :, None] * away[:, None])
    moved = replace(person, xyz=pose.apply(person.xyz),
                    covariance=pose.rotate_covariance(person.covariance))

    def rotations(given: Skeleton, at: RigidTransform) -> np.ndarray:
        cameras = [camera_message(header(), CAMERA, at)]
        message = skeletons_message([given], header(), cameras, 0)
        return message.skeletons[0].root.covariance.reshape(6, 6)[3:, 3:]

    np.testing.assert_allclose(rotations(moved, pose), pose.rotate_covariance(
        rotations(person, RigidTransform())), rtol=1e-2, atol=1e-5)


def test_rays_and_scores_are_those_of_the_keypoints() -> None:
    rng = np.random.default_rng(0)
    rays = rng.normal(size=(17, 3)).astype(np.float32)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    person = skeleton(rays=rays)
    joints = dict(zip(HUMAN36M_17.names, sent(person).skeletons[0].joints))
    for name in ('left_wrist', 'nose', 'right_knee'):
        keypoint = COCO_17.index(name)
        np.testing.assert_array_equal(joints[name].ray, rays[keypoint])
        assert joints[name].keypoint_score == person.keypoints[keypoint, 2]
    hips = COCO_17.indices(('left_hip', 'right_hip'))
    mean = rays[hips].mean(0)
    np.testing.assert_allclose(joints['pelvis'].ray, mean / np.linalg.norm(mean), rtol=1e-5)
    assert joints['pelvis'].keypoint_score == person.keypoints[hips, 2].min()
    top = joints['head_top']  # no keypoint
    assert np.isnan(top.ray).all() and math.isnan(top.u) and top.keypoint_score == 0
    assert top.score > 0


def test_orientations_and_velocity_covariances_are_those_of_the_joints() -> None:
    rng = np.random.default_rng(0)
    spread = rng.normal(size=(17, 3, 3)).astype(np.float32)
    person = standing(velocity_covariance=spread @ spread.swapaxes(-1, -2))
    person.joint_scores[HUMAN36M_17.index('left_wrist')] = 0
    joints = sent(person).skeletons[0].joints
    known = np.where(person.joint_scores[:, None] > 0, person.xyz, np.nan)
    np.testing.assert_array_equal(
        [[getattr(j.orientation, k) for k in 'xyzw'] for j in joints], joint_orientations(known))
    found = np.array([j.velocity_covariance for j in joints]).reshape(17, 3, 3)
    lost = HUMAN36M_17.index('left_wrist')
    assert np.isnan(found[lost]).all() and np.isnan(joints[lost].velocity.x)
    np.testing.assert_array_equal(np.delete(found, lost, 0),
                                  np.delete(person.velocity_covariance, lost, 0))
    assert np.isnan(sent(standing()).skeletons[0].joints[0].velocity_covariance).all()


def test_a_message_leaves_the_skeletons_as_they_are() -> None:
    person = skeleton()
    person.joint_scores[3] = 0
    before = [np.copy(x) for x in (person.xyz, person.velocity, person.covariance)]
    sent(person)
    for array, copy in zip((person.xyz, person.velocity, person.covariance), before):
        np.testing.assert_array_equal(array, copy)


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
