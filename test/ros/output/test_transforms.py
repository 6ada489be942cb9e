# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""TF: body frames at the right place, for people who are seen only."""

from __future__ import annotations

from collections.abc import Iterator

from geometry_msgs.msg import TransformStamped
import numpy as np
import pytest
from rclpy.node import Node
from scipy.spatial.transform import Rotation
from support.people import header, placed, result, standing
from support.processes import Listener
from tf2_msgs.msg import TFMessage

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.ros.input.transform_buffer import TransformBuffer
from pose_machine_ros.ros.output import transforms as module
from pose_machine_ros.ros.output.transforms import TransformConfig, TransformOutput, transforms
from pose_machine_ros.skeleton import HUMAN36M_17


def applied(transform: TransformStamped, point: tuple[float, float, float]) -> np.ndarray:
    """Return a point of the child frame in the parent frame."""
    t, q = transform.transform.translation, transform.transform.rotation
    turn = Rotation.from_quat([q.x, q.y, q.z, q.w])
    return turn.apply(point) + (t.x, t.y, t.z)


def test_a_metre_in_front_of_a_person_who_faces_the_camera_is_a_metre_nearer() -> None:
    body, = transforms([standing('p7', at=(0.5, 0, 4))], header(3.0), with_joints=False)
    assert body.header == header(3.0) and body.child_frame_id == 'body_p7'
    np.testing.assert_allclose(applied(body, (1, 0, 0)), (0.5, 0, 3), atol=1e-6)
    np.testing.assert_allclose(applied(body, (0, 0, 1)), (0.5, -1, 4), atol=1e-6)


def test_joints_hang_on_the_body_and_are_where_they_are_seen() -> None:
    person = standing('p2', at=(-1, 0.2, 3), turn=Rotation.random(random_state=2))
    person.joint_scores[HUMAN36M_17.index('nose')] = 0
    person.xyz[HUMAN36M_17.index('left_knee')] = np.nan
    body, *joints = transforms([person], header(), with_joints=True)
    assert {j.header.frame_id for j in joints} == {'body_p2'}
    assert all(j.header.stamp == header().stamp for j in joints)
    known = [n for n in HUMAN36M_17.names if n not in ('nose', 'left_knee')]
    assert [j.child_frame_id for j in joints] == [f'{name}_p2' for name in (
        'waist', 'r_hip', 'r_knee', 'r_ankle', 'l_hip', 'l_ankle', 'spine', 'torso', 'head_top',
        'l_shoulder', 'l_elbow', 'l_wrist', 'r_shoulder', 'r_elbow', 'r_wrist')]
    for name, joint in zip(known, joints):
        np.testing.assert_allclose(applied(body, applied(joint, (0, 0, 0))),
                                   person.xyz[HUMAN36M_17.index(name)], atol=1e-5)


def test_a_person_who_is_not_seen_or_has_no_trunk_has_no_frame() -> None:
    hidden = standing('p3')
    hidden.joint_scores[HUMAN36M_17.index('left_hip')] = 0
    people = [standing('p0', state=TrackingState.NEW), standing('p1'), hidden,
              standing('p4', state=TrackingState.PREDICTED),
              standing('p5', state=TrackingState.LOST)]
    found = transforms(people, header(), with_joints=False)
    assert [t.child_frame_id for t in found] == ['body_p0', 'body_p1']


def test_in_another_frame_the_body_is_where_the_message_has_the_person() -> None:
    moved = RigidTransform.from_quaternion(np.array([1, 2, -1, 0.5]), np.array([3, -4, 1]))
    person = standing('p7', at=(0.5, 0, 4))
    body, = transforms([placed(person, moved)], header(frame_id='odom'), with_joints=False)
    assert body.header.frame_id == 'odom'
    for point, in_camera in (((1, 0, 0), (0.5, 0, 3)), ((0, 0, 1), (0.5, -1, 4))):
        np.testing.assert_allclose(applied(body, point), moved.apply(np.array(in_camera)),
                                   atol=1e-6)


@pytest.fixture
def broadcaster(listener: Listener) -> Iterator[Node]:
    node = Node('eye')
    yield node
    node.destroy_node()


@pytest.fixture
def received(listener: Listener) -> Iterator[list[TransformStamped]]:
    found: list[TransformStamped] = []
    subscription = listener.node.create_subscription(
        TFMessage, '/tf', lambda m: found.extend(m.transforms), 10)
    yield found
    listener.node.destroy_subscription(subscription)


def test_each_image_is_broadcast_once_if_it_says_when_and_where(
        listener: Listener, broadcaster: Node, received: list[TransformStamped]) -> None:
    output = TransformOutput(broadcaster, TransformConfig())
    listener.spin_until(lambda: output.has_subscribers)
    output.publish(result(standing(), seconds=0.0))  # images without a stamp
    output.publish(result(standing(), seconds=1.0, frame_id=''))
    output.publish(result(standing('p1'), seconds=2.0))
    output.publish(result(standing('p2'), seconds=2.0))
    output.publish(result(seconds=3.0))
    output.publish(result(standing('p1'), seconds=1.5))  # a bag that starts again
    listener.spin_until(lambda: len(received) >= 2)
    output.close()
    assert [(t.header.stamp.sec, t.child_frame_id) for t in received] == [
        (2, 'body_p1'), (1, 'body_p1')]


def test_parameters_switch_frames_on_and_off(
        listener: Listener, broadcaster: Node, received: list[TransformStamped]) -> None:
    output = TransformOutput(broadcaster, TransformConfig(bodies=False))
    listener.spin_until(lambda: output.publishers[0].get_subscription_count() > 0)
    assert not output.has_subscribers  # nothing would be published
    output.publish(result(standing(), seconds=1.0))
    output.config = TransformConfig(bodies=True, joints=True)
    assert output.has_subscribers
    output.publish(result(standing(), seconds=2.0))
    listener.spin_until(lambda: len(received) >= 18)
    output.close()
    assert {t.header.stamp.sec for t in received} == {2} and len(received) == 18


def test_the_node_itself_is_no_subscriber(listener: Listener, broadcaster: Node) -> None:
    output = TransformOutput(broadcaster, TransformConfig())
    buffer = TransformBuffer(broadcaster)
    listener.spin_until(lambda: output.publishers[0].get_subscription_count() > 0)
    assert not output.has_subscribers
    listener.node.create_subscription(TFMessage, '/tf', lambda _: None, 10)
    listener.spin_until(lambda: output.has_subscribers)
    buffer.close()
    output.close()


def test_without_tf2_msgs_one_line_says_so(ros: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, 'TFMessage', None)
    node = Node('without_tf')
    said: list[str] = []
    monkeypatch.setattr(node.get_logger(), 'warning', lambda text, **_: said.append(text))
    for config in (TransformConfig(), TransformConfig(bodies=False)):
        output = TransformOutput(node, config)
        for i in range(3):
            output.publish(result(standing(), seconds=1.0 + i))
        assert not output.has_subscribers
    node.destroy_node()
    line, = said
    assert 'tf2_msgs is not installed' in line and 'tf.bodies' in line
