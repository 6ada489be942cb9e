# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tracks from skeletons, bags and keypoint files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
from geometry_msgs.msg import Point, Quaternion
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header
from support.people import header
from support.walked_messages import messages, skeletons
from support.walked_rigs import camera_pose, see

from pose_machine_msgs.msg import CameraView, Skeleton3DArray
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.rig_calibration.recordings import SkeletonCollector, tracks_of_bag
from pose_machine_ros.rig_calibration.tracks import CameraTracks, TrackCollector

CONFIG = MachineConfig(device='cpu')
LEFT = see('left', camera_pose(0), (0, 1), seconds=2)
RIGHT = see('right', camera_pose(90), (1,), seconds=2)


def write(path: Path, topics: dict[str, list]) -> Path:
    writer = bags.BagWriter(path)
    for topic, sent in topics.items():
        for message in sent:
            package = type(message).__module__.partition('.')[0]
            stamp = message.header.stamp
            writer.write(topic, f'{package}/msg/{type(message).__name__}',
                         stamp.sec * 10 ** 9 + stamp.nanosec, serialize_message(message))
    writer.close()
    return path


def assert_same(found: CameraTracks, true: CameraTracks) -> None:
    assert (found.name, found.frame_id) == (true.name, true.frame_id)
    assert [t.id for t in found.tracks] == [t.id for t in true.tracks]
    for track, expected in zip(found.tracks, true.tracks):
        for name, tolerance in (('times', 1e-6), ('rays', 1e-6), ('scores', 1e-6),
                                ('joints', 1e-5)):
            np.testing.assert_allclose(getattr(track, name), getattr(expected, name),
                                       atol=tolerance)


def test_skeletons_become_tracks() -> None:
    collector = TrackCollector('left', LEFT.frame_id)
    for i, time in enumerate(LEFT.tracks[0].times):
        collector.add(round(time * 1e9), skeletons(LEFT, i))
    assert_same(collector.finish(), LEFT)


def test_people_who_are_not_seen_and_repeated_stamps_are_left_out() -> None:
    collector = TrackCollector('left', LEFT.frame_id)
    first, second = (skeletons(LEFT, i)[0] for i in (0, 1))
    collector.add(10, [first])
    collector.add(20, [replace(second, state=TrackingState.PREDICTED)])
    collector.add(20, [second])
    collector.add(20, [second])
    track, = collector.finish().tracks
    assert track.times == pytest.approx([10e-9, 20e-9])


def test_keypoints_with_a_low_score_are_unseen() -> None:
    collector = TrackCollector('left', LEFT.frame_id)
    for i in (0, 1):
        person = skeletons(LEFT, i)[0]
        person.keypoints[5, 2] = 0.1  # left shoulder
        collector.add(i + 1, [person])
    track, = collector.finish().tracks
    assert (track.scores[:, 0] == 0).all() and np.isnan(track.rays[:, 0]).all()
    assert (track.scores[:, 1:] > 0).all()


def test_the_skeletons_of_a_bag_by_the_namespaces_of_their_topics(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', {'/left/pose_machine/skeletons': messages(LEFT),
                                   '/right/pose_machine/skeletons': messages(RIGHT)})
    for camera, true in zip(tracks_of_bag(bag, CONFIG, {}), (LEFT, RIGHT), strict=True):
        assert_same(camera, true)
    named, = tracks_of_bag(bag, CONFIG, {}, {'door': '/right/pose_machine/skeletons'})
    assert_same(named, replace(RIGHT, name='door'))


def test_a_node_with_a_target_frame_has_rays_and_joints_of_its_camera() -> None:
    pose, collector = camera_pose(30), SkeletonCollector('left')
    for message in messages(LEFT):
        message.header = Header(stamp=message.header.stamp, frame_id='map')
        x, y, z, w = pose.quaternion()
        message.cameras[0].pose.orientation = Quaternion(x=x, y=y, z=z, w=w)
        message.cameras[0].pose.position = Point(**dict(zip('xyz', pose.translation.tolist())))
        for person in message.skeletons:
            for joint in person.joints:
                at = joint.position
                at.x, at.y, at.z = pose.apply(np.array([at.x, at.y, at.z])).tolist()
        collector.add(message)
    assert_same(collector.finish(), LEFT)


def test_a_camera_that_guesses_its_intrinsics_is_not_calibrated() -> None:
    message = messages(LEFT)[0]
    message.cameras[0].calibrated = False
    collector = SkeletonCollector('left')
    collector.add(message)
    assert not collector.finish().calibrated


def test_fused_skeletons_are_refused() -> None:
    with pytest.raises(InputError, match='fusion has fused 2 cameras'):
        SkeletonCollector('fusion').add(Skeleton3DArray(cameras=[CameraView(), CameraView()]))


def image(seconds: float) -> CompressedImage:
    message = CompressedImage(header=header(seconds, 'eye'), format='jpeg')
    message.data.frombytes(cv2.imencode('.jpg', np.zeros((48, 64, 3), np.uint8))[1])
    return message


def test_images_without_a_calibration_are_named(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', {'/left/image/compressed': [image(1)]})
    with pytest.raises(InputError, match='no /left/camera_info for /left/image/compressed.*'
                                         '--calibration left=FILE'):
        tracks_of_bag(bag, CONFIG, {})


def test_a_bag_without_a_camera_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='has neither skeletons nor images'):
        tracks_of_bag(write(tmp_path / 'bag', {}), CONFIG, {})


def test_a_topic_that_is_not_there_is_named(tmp_path: Path) -> None:
    bag = write(tmp_path / 'bag', {'/left/image/compressed': [image(1)]})
    with pytest.raises(InputError, match='no images or skeletons on /a, the topic of door; its '
                                         'topics are /left/image/compressed'):
        tracks_of_bag(bag, CONFIG, {}, {'door': '/a'})
