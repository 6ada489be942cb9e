# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The recorder as a process: its bag has the published messages."""

from __future__ import annotations

from dataclasses import dataclass
import json
from pathlib import Path
import signal
import time

import numpy as np
import pytest
import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.calibrations import calibration_of
from support.people import header, skeleton, skeletons_of_image
from support.processes import NodeProcess, PATIENCE, wait_until
from visualization_msgs.msg import MarkerArray
import yaml

from pose_machine_msgs.msg import Skeleton3DArray, SkeletonModel
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.io import bags
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.images import compressed
from pose_machine_ros.io.messages import skeletons_from_message
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.conversions.camera_info import camera_info
from pose_machine_ros.ros.conversions.skeletons import model_message
from pose_machine_ros.ros.output.markers import MarkerWriter
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17

FRAMES, WIDTH, HEIGHT = 6, 160, 120
LATENCY_MS = 12.5
CAMERA = Camera(np.array([[150.0, 0, 80], [0, 151, 60], [0, 0, 1]]), WIDTH, HEIGHT,
                np.array([-0.2, 0.05, 1e-3, -2e-3, 0.01]))
TYPES = {'/image/compressed': CompressedImage, '/camera_info': CameraInfo,
         '/pose_machine/skeletons': Skeleton3DArray, '/pose_machine/markers': MarkerArray,
         '/pose_machine/skeleton_model': SkeletonModel}


@dataclass(frozen=True)
class Recorded:
    """The published messages, and the output of the recorder."""

    bag: Path
    status: dict  # the recorder's last line
    sent: dict[str, list]  # messages of each topic
    pictures: list[np.ndarray]  # (H, W, 3) BGR
    people: list[Skeleton]


def people() -> list[Skeleton]:
    """Return one person who is seen, and one with two joints missing."""
    scores = np.linspace(0.2, 1, 17, dtype=np.float32)
    scores[[3, 16]] = 0
    return [skeleton('p1'), skeleton('p2', joint_scores=scores)]


@pytest.fixture(scope='module', params=['idle', 'stopped'])
def recorded(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Recorded:
    """Record, and wait until the images are compressed or stop the recorder before."""
    bag = tmp_path_factory.mktemp('recorder') / 'bag'
    rclpy.init(args=[])
    recorder = NodeProcess('recorder', bag=bag)
    try:
        node = rclpy.create_node('sender')
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        topics = {'image': (Image, 10), 'camera_info': (CameraInfo, 10),
                  'pose_machine/skeletons': (Skeleton3DArray, 10),
                  'pose_machine/markers': (MarkerArray, 10),
                  'pose_machine/skeleton_model': (SkeletonModel, latched)}
        publishers = {t: node.create_publisher(kind, t, qos) for t, (kind, qos) in topics.items()}
        wait_until(lambda: all(p.get_subscription_count() for p in publishers.values()), PATIENCE,
                   lambda: recorder.output)
        sent: dict[str, list] = {}
        pictures, markers = [], MarkerWriter()

        def send(topic: str, message: object) -> None:
            publishers[topic].publish(message)
            sent.setdefault(f'/{topic}', []).append(message)

        send('pose_machine/skeleton_model', model_message())
        ramp = np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) // 2
        for i in range(FRAMES):
            pictures.append(np.stack((ramp, ramp + 5 * i, 255 - ramp), -1).astype(np.uint8))
            image = Image(header=header(100 + i / 30), width=WIDTH, height=HEIGHT, encoding='bgr8',
                          step=3 * WIDTH)
            image.data.frombytes(pictures[-1])
            info = camera_info(calibration_of(CAMERA))
            info.header = image.header
            send('camera_info', info)
            send('image', image)
            if i % 2 == 0:
                shown = people() if i else []
                send('pose_machine/skeletons', skeletons_of_image(
                    shown, image.header, WIDTH, HEIGHT, round(LATENCY_MS * 1e6)))
                send('pose_machine/markers', markers.write(shown, image.header))
            time.sleep(0.03)
        recorder.wait_for_line(f'"images": {FRAMES}, ' + (
            '"to_compress": 0' if request.param == 'idle' else ''))
        assert recorder.end(signal.SIGINT) == 0, recorder.output
    finally:
        recorder.kill()
        rclpy.try_shutdown()
    status = [x for x in recorder.lines if x.startswith('{')][-1]
    return Recorded(bag, json.loads(status), sent, pictures, people())


def test_the_last_status_counts_everything(recorded: Recorded) -> None:
    results = FRAMES // 2
    assert recorded.status == {'images': FRAMES, 'to_compress': 0, 'skeletons': results,
                               'markers': results, 'people': 2, 'latency_ms': LATENCY_MS}


def test_topics_have_their_types(recorded: Recorded) -> None:
    with Reader(recorded.bag) as reader:
        types = {topic: info.msgtype for topic, info in reader.topics.items()}
    assert types == {t: f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
                     for t, kind in TYPES.items()}


def test_ros_reads_the_messages_that_were_sent(recorded: Recorded) -> None:
    got: dict[str, list] = {}
    with Reader(recorded.bag) as reader:
        for connection, _, data in reader.messages():
            message = deserialize_message(data, TYPES[connection.topic])
            got.setdefault(connection.topic, []).append(message)
    for topic in set(TYPES) - {'/image/compressed'}:
        # Bytes, since NaN is not equal to NaN
        assert [serialize_message(m) for m in got[topic]] == \
            [serialize_message(m) for m in recorded.sent[topic]], topic
    assert [m.header for m in got['/image/compressed']] == \
        [m.header for m in recorded.sent['/image']]


def test_images_come_back_upright_and_in_their_colours(recorded: Recorded) -> None:
    pictures = [compressed.decode(bytes(m.data), m.format)
                for topic, _, m in bags.read_messages(recorded.bag) if topic == '/image/compressed']
    for ours, theirs in zip(recorded.pictures, pictures, strict=True):
        assert np.abs(ours.astype(int) - theirs).mean() < 3


def test_images_are_at_their_time_of_arrival(recorded: Recorded) -> None:
    """Players and readers take messages in the order of time; images are compressed later."""
    topics = [topic for topic, _, _ in bags.read_messages(recorded.bag)]
    images = [i for i, topic in enumerate(topics) if topic == '/image/compressed']
    results = [i for i, topic in enumerate(topics) if topic == '/pose_machine/skeletons']
    assert images[0] < results[1] and results[0] < images[-1]


def test_skeletons_and_camera_come_back(recorded: Recorded) -> None:
    messages = {topic: m for topic, _, m in bags.read_messages(recorded.bag)}
    camera = Calibration.from_camera_info(messages['/camera_info']).camera()
    np.testing.assert_allclose(camera.matrix, CAMERA.matrix)
    np.testing.assert_allclose(camera.distortion, CAMERA.distortion)
    got = skeletons_from_message(messages['/pose_machine/skeletons'])
    for ours, theirs in zip(recorded.people, got, strict=True):
        seen = ours.joint_scores > 0
        assert (theirs.id, theirs.state, theirs.space) == (ours.id, ours.state, ours.space)
        for name in ('xyz', 'velocity', 'covariance', 'joint_scores'):
            np.testing.assert_allclose(getattr(theirs, name)[seen], getattr(ours, name)[seen])
        assert np.isnan(theirs.xyz[~seen]).all() and not theirs.joint_scores[~seen].any()
        both = ~np.isnan(convert_keypoints(
            convert_keypoints(ours.keypoints, COCO_17, HUMAN36M_17), HUMAN36M_17, COCO_17)[:, 0])
        assert both.sum() >= 12  # the limbs are in both sets
        np.testing.assert_allclose(theirs.keypoints[both, :2], ours.keypoints[both, :2], rtol=1e-5)


def test_a_player_latches_the_model(recorded: Recorded) -> None:
    metadata = yaml.safe_load((recorded.bag / 'metadata.yaml').read_text())
    durable = {}
    for topic in metadata['rosbag2_bagfile_information']['topics_with_message_count']:
        profiles = yaml.safe_load(topic['topic_metadata']['offered_qos_profiles'] or '[]')
        durable[topic['topic_metadata']['name']] = any(p['durability'] == 1 for p in profiles)
    assert [topic for topic, latched in durable.items() if latched] == \
        ['/pose_machine/skeleton_model']


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / 'mine.txt').write_text('mine')
    recorder = NodeProcess('recorder', bag=tmp_path)
    assert recorder.wait() == 1
    assert str(tmp_path) in recorder.output and (tmp_path / 'mine.txt').read_text() == 'mine'
