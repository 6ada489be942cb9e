# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All outputs together: any subscriber counts, and all messages have the same header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import ReliabilityPolicy
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import CompressedImage, Image
from support.people import header, placed, result, standing
from support.processes import Listener, NodeProcess
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import Marker, MarkerArray

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.output.outputs import OutputConfig, Outputs
from pose_machine_ros.ros.output.transforms import TransformConfig

TOPICS = {'/eye/skeletons': Skeleton3DArray, '/eye/markers': MarkerArray, '/tf': TFMessage,
          '/eye/annotated_image': Image, '/eye/annotated_image/compressed': CompressedImage}


@pytest.mark.parametrize('topic', TOPICS)
def test_each_output_has_listeners(listener: Listener, topic: str) -> None:
    node = Node('eye')
    outputs = Outputs(node)
    assert not outputs.are_wanted()
    subscription = listener.node.create_subscription(TOPICS[topic], topic, lambda _: None, 1)
    listener.spin_until(lambda: outputs.are_wanted())
    assert outputs.are_wanted(but_tf=True) == (topic != '/tf')
    outputs.configure(OutputConfig(transforms=TransformConfig(bodies=False)))
    assert outputs.are_wanted() == (topic != '/tf')
    listener.node.destroy_subscription(subscription)
    listener.spin_until(lambda: not outputs.are_wanted())
    outputs.close()
    assert not [p for p in node.publishers if p.topic_name in TOPICS]
    node.destroy_node()


def test_qos_can_be_overridden_topic_by_topic(listener: Listener) -> None:
    node = Node('eye', parameter_overrides=[
        Parameter('qos_overrides./eye/skeletons.publisher.reliability', value='best_effort')])

    def reliability(topic: str) -> list[ReliabilityPolicy]:
        return [p.qos_profile.reliability
                for p in listener.node.get_publishers_info_by_topic(f'/eye/{topic}')]
    for _ in range(2):  # configured twice
        outputs = Outputs(node)
        listener.spin_until(lambda: reliability('skeletons') == [ReliabilityPolicy.BEST_EFFORT])
        listener.spin_until(lambda: reliability('markers') == [ReliabilityPolicy.RELIABLE])
        outputs.close()
        listener.spin_until(lambda: not reliability('markers'))
    node.destroy_node()


def test_all_outputs_publish_the_image_and_are_cleared(listener: Listener) -> None:
    node = Node('eye')
    outputs = Outputs(node)
    got: dict[str, list] = {topic: [] for topic in TOPICS}
    for topic, kind in TOPICS.items():
        listener.node.create_subscription(kind, topic, got[topic].append, 10)
    listener.spin_until(lambda: all(listener.node.count_publishers(t) for t in TOPICS) and all(
        node.count_subscribers(t) for t in TOPICS))
    outputs.clear()  # no frame was published yet

    def arrived() -> bool:
        outputs.publish(result(standing(), seconds=next(seconds)))
        return all(got.values())
    seconds = iter(range(1, 1000))
    listener.spin_until(arrived)
    outputs.clear()
    outputs.wait_until_sent()
    last = header(next(seconds) - 1, 'eye')
    listener.spin_until(lambda: {m.action for m in got['/eye/markers'][-1].markers} == {
        Marker.DELETE})
    assert last in headers(got['/eye/markers'][-1])
    for messages in got.values():
        for message in messages:
            for told in headers(message):
                assert told.frame_id == 'eye' and 1 <= told.stamp.sec <= last.stamp.sec
    outputs.close()
    node.destroy_node()


def test_ids_of_several_cameras_are_kept_apart_on_all_outputs(listener: Listener) -> None:
    node = Node('eye')
    outputs = Outputs(node, OutputConfig(id_prefix='left_'))
    skeletons: list[Skeleton3DArray] = []
    markers: list[MarkerArray] = []
    frames: list[TFMessage] = []
    for kind, topic, got in ((Skeleton3DArray, '/eye/skeletons', skeletons),
                             (MarkerArray, '/eye/markers', markers), (TFMessage, '/tf', frames)):
        listener.node.create_subscription(kind, topic, got.append, 10)
    seconds = iter(range(1, 1000))

    def arrived() -> bool:
        outputs.publish(result(standing('p1'), seconds=next(seconds)))
        return bool(skeletons and markers and frames)
    listener.spin_until(arrived)
    assert skeletons[0].skeletons[0].id == 'left_p1'
    assert frames[0].transforms[0].child_frame_id == 'body_left_p1'
    assert [m.text.split()[0] for m in markers[0].markers if m.text] == ['left_p1']
    outputs.close()
    node.destroy_node()


def test_people_in_another_frame_have_its_header_and_the_picture_that_of_the_image(
        listener: Listener) -> None:
    """And nothing but the picture is published while the camera's pose is not known."""
    node = Node('eye')
    outputs = Outputs(node, OutputConfig(id_prefix='left_'))
    got: dict[str, list] = {topic: [] for topic in TOPICS}
    for topic, kind in TOPICS.items():
        listener.node.create_subscription(kind, topic, got[topic].append, 10)
    pose = RigidTransform(translation=np.array([10.0, 0, 0]))
    person, seconds = standing('p1'), iter(range(1, 1000))

    def shown(**values: object) -> None:
        outputs.publish(replace(result(person, seconds=next(seconds)), frame_id='odom', **values))

    def arrived() -> bool:
        shown(pose=pose, placed=[placed(person, pose)])
        return all(got.values())
    listener.spin_until(arrived)
    for topic, messages in got.items():
        frames = {h.frame_id for h in headers(messages[0])}
        assert frames == {'eye' if 'image' in topic else 'odom'}, topic
    skeletons = got['/eye/skeletons'][0].skeletons
    assert [s.id for s in skeletons] == ['left_p1']
    assert skeletons[0].space == skeletons[0].WORLD_METRIC
    camera, = got['/eye/skeletons'][0].cameras
    assert camera.header.frame_id == 'eye' and camera.pose.position.x == 10
    assert skeletons[0].joints[0].position.x == pytest.approx(person.xyz[0, 0] + 10)
    outputs.wait_until_sent()
    for _ in range(20):
        shown(pose=None)
    last = next(seconds) - 1
    pictures = got['/eye/annotated_image']
    listener.spin_until(lambda: any(m.header.stamp.sec == last for m in pictures))
    shown(pose=pose, placed=[placed(person, pose)])
    listener.spin_until(lambda: got['/eye/skeletons'][-1].header.stamp.sec > last)
    for topic, messages in got.items():
        stamps = {h.stamp.sec for m in messages for h in headers(m)}
        assert ('image' in topic) == bool(stamps & {*range(last - 19, last + 1)}), topic
    outputs.close()
    node.destroy_node()


@pytest.mark.parametrize('prefix', ['1st_', '_left', 'a/b', 'two words'])
def test_a_prefix_that_no_topic_can_have_is_refused(prefix: str) -> None:
    with pytest.raises(InputError, match='id_prefix'):
        OutputConfig(id_prefix=prefix)


def headers(message: object) -> list:
    parts = getattr(message, 'markers', None) or getattr(message, 'transforms', None) or [message]
    return [part.header for part in parts]


def test_a_lazy_node_works_for_subscribers_of_images_or_tf_alone(
        start: Callable[..., NodeProcess], ros: None, clip: Path, calibration: Path) -> None:
    listener = Listener('nobody')
    rates: list[float] = []

    def on_health(message: DiagnosticArray) -> None:
        rates.extend(float(v.value) for status in message.status for v in status.values
                     if v.key == 'processed, 1/s')

    def rate_is(right: Callable[[float], bool]) -> None:
        rates.clear()
        listener.spin_until(lambda: bool(rates) and right(rates[-1]))

    create = listener.node.create_subscription
    create(DiagnosticArray, '/diagnostics', on_health, 10)
    node = start('node', device='cpu', lazy='true', tf__joints='true')
    node.wait_for_line('ready on cpu')
    start('video_camera', file=clip, calibration=calibration, frame_id='eye', loop='true', rate=8.0)
    rate_is(lambda rate: rate == 0)

    messages: list[TFMessage] = []
    on_tf = create(TFMessage, '/tf', messages.append, 10)
    listener.spin_until(lambda: len(messages) > 3)
    bodies = [t for m in messages for t in m.transforms if t.child_frame_id.startswith('body_')]
    joints = [t for m in messages for t in m.transforms if t not in bodies]
    assert {t.header.frame_id for t in bodies} == {'eye'}
    assert {t.header.frame_id for t in joints} == {t.child_frame_id for t in bodies}
    for body in bodies:  # on their feet, in front of the camera
        q, place = body.transform.rotation, body.transform.translation
        _, y, _ = Rotation.from_quat((q.x, q.y, q.z, q.w)).apply((0, 0, 1))
        assert y < -0.5 and place.z > 1
    listener.node.destroy_subscription(on_tf)
    rate_is(lambda rate: rate == 0)

    images: list[Image] = []
    create(Image, '/pose_machine/annotated_image', images.append, 1)
    listener.spin_until(lambda: len(images) > 3)
    assert {i.header.frame_id for i in images} == {'eye'}
    assert {(i.width, i.height) for i in images} == {(324, 576)}
    listener.close()
