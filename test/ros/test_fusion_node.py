# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion node: start, parameters, rest, services, and poses from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from std_srvs.srv import SetBool, Trigger
from support.people import header
from support.processes import Listener, NodeProcess, present
from support.rigs import CAMERA, person_at, pose_around, seen_from
from tf2_msgs.msg import TFMessage

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Extrinsics
from pose_machine_ros.ros.conversions.camera_results import from_frame
from pose_machine_ros.ros.conversions.skeletons import camera_message, skeletons_message
from pose_machine_ros.ros.fusion_node import FusionNode
from pose_machine_ros.ros.fusion_parameters import FusionNodeConfig
from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox
from pose_machine_ros.ros.output.output import FrameResult
from pose_machine_ros.ros.runtime.qos import RESULT_QOS

POSES = {'left_eye': pose_around(0), 'right_eye': pose_around(90)}
TOPICS = {'left_eye': '/left/skeletons', 'right_eye': '/right/skeletons'}
PERSON = person_at(0.2, 0.1)
OFFSET = 0.2  # seconds, by which the stamps of the right camera are behind


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    path = tmp_path / 'rig.yaml'
    Extrinsics('map', POSES, {'right_eye': OFFSET}).save(path)
    return path


@pytest.fixture
def make(listener: Listener, rig: Path) -> Iterator[Callable[..., FusionNode]]:
    """Make fusion nodes that work in this process, and are destroyed at the end."""
    made: list[FusionNode] = []

    def start(inbox: SkeletonInbox | None = None, **values: object) -> FusionNode:
        given = {'target_frame': 'map', 'extrinsics': str(rig), 'inputs': list(TOPICS.values()),
                 **{name.replace('__', '.'): value for name, value in values.items()}}
        node = FusionNode(inbox, parameter_overrides=[
            Parameter(name, value=value) for name, value in given.items()])
        made.append(node)
        node.configure()
        node.activate()
        listener.add_node(node)
        return node

    yield start
    for node in made:
        listener.remove_node(node)
        node.deactivate()
        node.cleanup()
        node.destroy_node()


def results_of(listener: Listener, **changes: object) -> Callable[[], bool]:
    """Return a condition that publishes views of both cameras, and is true after some results."""
    publishers = {eye: listener.node.create_publisher(Skeleton3DArray, topic, RESULT_QOS)
                  for eye, topic in TOPICS.items()}
    first = len(listener.skeletons)

    def have_come() -> bool:
        now = listener.node.get_clock().now().nanoseconds * 1e-9
        for eye, publisher in publishers.items():
            # The clock of the right one is behind, as the file says
            stamp = header(now - (OFFSET if eye == 'right_eye' else 0), eye)
            publisher.publish(skeletons_message(
                [seen_from(POSES[eye], PERSON)], stamp, [camera_message(stamp, CAMERA)], 0))
        return len(listener.skeletons) > first + 5
    return have_come


def nanoseconds(stamp: Time) -> int:
    """Return a stamp as one number."""
    return stamp.sec * 10**9 + stamp.nanosec


@pytest.fixture
def listener(ros: None) -> Iterator[Listener]:
    made = Listener('fusion')
    yield made
    made.close()


def test_poses_and_time_offsets_come_from_the_file(
        make: Callable[..., FusionNode], listener: Listener) -> None:
    make()

    def is_of_one_moment(result: Skeleton3DArray) -> bool:
        """Return whether both images were taken together, with the offset taken into account.

        But for one image, since a round may have that of one camera and the next of the other.
        """
        stamps = [nanoseconds(c.header.stamp) * 1e-9 for c in result.cameras]
        return len(stamps) == 2 and abs(stamps[0] - stamps[1]) < OFFSET / 2 \
            and bool(present(result))
    have_come = results_of(listener)
    listener.spin_until(lambda: have_come() and any(map(is_of_one_moment, listener.skeletons)))
    newest = next(filter(is_of_one_moment, listener.skeletons))
    assert newest.header.frame_id == 'map'
    assert {c.header.frame_id for c in newest.cameras} == set(POSES)
    person, = present(newest)
    joints = np.array([(j.position.x, j.position.y, j.position.z) for j in person.joints])
    assert np.linalg.norm(joints - PERSON, axis=1).mean() < 0.1
    assert listener.models and person.id == 'f1'


def test_a_lazy_node_takes_nothing_without_subscribers(
        make: Callable[..., FusionNode], listener: Listener) -> None:
    node = make(lazy=True)
    count = listener.node.count_subscribers
    listener.spin_until(lambda: count('/left/skeletons') == 1)
    for subscription in list(listener.node.subscriptions):
        listener.node.destroy_subscription(subscription)
    listener.spin_until(lambda: count('/left/skeletons') == 0 and count('/right/skeletons') == 0)
    assert node.set_parameters([Parameter('lazy', value=False)])[0].successful
    listener.spin_until(lambda: count('/left/skeletons') == 1)


def test_it_subscribes_to_tf_only_while_it_needs_it(
        make: Callable[..., FusionNode], listener: Listener) -> None:
    node = make(lazy=True, extrinsics='')
    count = listener.node.count_subscribers
    listener.spin_until(lambda: count('/tf_static') == 1)
    for subscription in list(listener.node.subscriptions):
        listener.node.destroy_subscription(subscription)
    # Its own subscription to /tf is no reason to work
    listener.spin_until(lambda: count('/tf_static') == 0 and count('/left/skeletons') == 0)
    assert not node._inbox.is_wanted


@pytest.mark.parametrize('from_tf', [False, True])
def test_a_subscriber_of_tf_does_not_keep_a_lazy_node_working(
        make: Callable[..., FusionNode], listener: Listener, from_tf: bool) -> None:
    node = make(lazy=True, **({'extrinsics': ''} if from_tf else {}))
    listener.spin_until(lambda: node._inbox.is_wanted)
    listener.node.create_subscription(TFMessage, '/tf', lambda _: None, 10)  # as a pose node's
    listener.spin_until(lambda: node._outputs._transforms.has_subscribers)
    for subscription in list(listener.node.subscriptions):
        if subscription.topic_name != '/tf':
            listener.node.destroy_subscription(subscription)
    listener.spin_until(lambda: not node._inbox.is_wanted)
    assert node._outputs._transforms.has_subscribers  # so that it would still broadcast


def test_the_services_pause_it_and_forget_people(
        make: Callable[..., FusionNode], listener: Listener) -> None:
    make()

    def ids() -> set[str]:
        return {s.id for s in present(listener.skeletons[-1])} if listener.skeletons else set()
    listener.spin_until(results_of(listener))
    assert ids() == {'f1'}
    assert listener.call(SetBool, '/fusion/enable', data=False).message == 'resting'
    listener.spin_until(lambda: listener.node.count_subscribers('/left/skeletons') == 0)
    assert listener.call(SetBool, '/fusion/enable', data=True).message == 'working'
    listener.spin_until(results_of(listener))
    assert ids() == {'f2'}
    assert listener.call(Trigger, '/fusion/reset').success
    listener.spin_until(results_of(listener))
    assert ids() == {'f3'}


def test_results_in_the_process_need_no_message(
        make: Callable[..., FusionNode], listener: Listener) -> None:
    inbox = SkeletonInbox()
    make(inbox)
    assert not listener.node.count_subscribers('/left/skeletons')

    def have_come() -> bool:
        now = listener.node.get_clock().now().nanoseconds * 1e-9
        for eye, topic in TOPICS.items():
            inbox.put(topic, from_frame(FrameResult(
                [seen_from(POSES[eye], PERSON)], header(now, eye), None, CAMERA, 0)))
        return len(listener.skeletons) > 5
    listener.spin_until(have_come)
    assert len(listener.skeletons[-1].cameras) == 2


def test_silence_is_explained(make: Callable[..., FusionNode], listener: Listener,
                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('pose_machine_ros.ros.fusion_node._START_SECONDS', 0.5)
    texts: list[str] = []
    listener.node.create_subscription(
        DiagnosticArray, '/diagnostics', lambda m: texts.extend(s.message for s in m.status), 10)
    best_effort = listener.node.create_publisher(
        Skeleton3DArray, '/left/skeletons', qos_profile_sensor_data)
    make()
    listener.spin_until(lambda: any(
        '/right/skeletons: no skeletons' in text and 'nothing publishes it' in text
        and 'its QoS does not match' in text for text in texts))
    listener.node.destroy_publisher(best_effort)


@pytest.mark.parametrize('changes, complaint', [
    ({'target_frame': ''}, 'target_frame is empty: set it'),
    ({'target_frame': '/map'}, "leading slash, which frames of ROS 2 do not have: write 'map'"),
    ({'inputs': ()}, 'list the topics'),
    ({'inputs': ('/a', '/b', '/a')}, "inputs has '/a' twice"),
])
def test_settings_that_cannot_work_are_refused(changes: dict, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        FusionNodeConfig(**{'target_frame': 'map', **changes})


@pytest.mark.parametrize('values, complaint', [
    ({'extrinsics': 'nowhere.yaml'}, 'nowhere.yaml cannot be read'),
    ({'inputs': 'left'}, "parameter inputs has another type: write it like '?\\[")])
def test_parameters_that_cannot_work_are_refused(
        make: Callable[..., FusionNode], values: dict, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        make(**values)


def test_a_start_without_a_frame_ends_with_the_reason(start: Callable[..., NodeProcess]) -> None:
    process = start('fusion')
    assert process.wait() == 1
    assert 'target_frame is empty' in process.output and 'Traceback' not in process.output


def test_a_file_in_another_frame_is_refused_with_the_cure(
        make: Callable[..., FusionNode]) -> None:
    with pytest.raises(InputError, match="set target_frame to 'map'"):
        make(target_frame='odom')
