# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Only header stamps matter: replayed bags, simulated time, stamps that jump or repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
import signal
import subprocess
import sys

import cv2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.clips import PHOTO, write_clip
from support.people import header, skeletons_of_image
from support.processes import Listener, NodeProcess, PATIENCE, present

from pose_machine_msgs.msg import Skeleton3D, Skeleton3DArray
from pose_machine_ros.io import bags
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.ros.conversions.images import image_to_bgr
from pose_machine_ros.ros.conversions.stamps import stamp_of
from pose_machine_ros.ros.node import PoseMachineNode

BAG_PLAYER = Path(__file__).parents[1] / 'support' / 'bag_player.py'
FRAMES, RATE = 30, 15
START = 1000  # seconds; long ago
HEIGHT, WIDTH = 576, 324
INFO = CameraInfo(height=HEIGHT, width=WIDTH, distortion_model='plumb_bob',
                  k=[560.0, 0, 162, 0, 560, 288, 0, 0, 1])


@pytest.fixture
def frames(tmp_path: Path) -> dict[int, CompressedImage]:
    """Make images of two people, by their stamps."""
    made = {}
    for index, (_, pixels) in enumerate(VideoFile(write_clip(tmp_path / 'clip.avi', FRAMES))):
        message = CompressedImage(header=header(START + index / RATE), format='jpeg')
        message.data.frombytes(cv2.imencode('.jpg', pixels)[1].tobytes())
        made[stamp_of(message.header)] = message
    return made


@pytest.fixture
def bag(frames: dict[int, CompressedImage], tmp_path: Path) -> Path:
    path = tmp_path / 'bag'
    writer = bags.BagWriter(path)
    for stamp_ns, message in frames.items():
        for topic, content in (('/camera_info', INFO), ('/image/compressed', message)):
            writer.write(topic, f'sensor_msgs/msg/{type(content).__name__}', stamp_ns,
                         serialize_message(content))
    writer.close()
    return path


def test_a_bag_at_any_speed_gives_the_skeletons_of_the_live_run(
        start: Callable[..., NodeProcess], listener: Listener,
        frames: dict[int, CompressedImage], bag: Path) -> None:
    """The speed decides which frames are processed, but not their results.

    Every run is compared with the machine without ROS on the frames that the node processed.
    """
    healths: list[DiagnosticStatus] = []
    listener.node.create_subscription(
        DiagnosticArray, '/diagnostics', lambda m: healths.extend(m.status), 10)
    machine = PoseMachine(MachineConfig(device='cpu'))

    def play(rate: float) -> list[Skeleton3DArray]:
        listener.skeletons.clear()
        player = subprocess.Popen(
            [sys.executable, str(BAG_PLAYER), bag, str(rate)])
        listener.spin_until(lambda: bool(listener.skeletons) and stamp_of(
            listener.skeletons[-1].header) == max(frames))  # the last image is never dropped
        assert player.wait(PATIENCE) == 0
        return list(listener.skeletons)

    for use_sim_time, rates in (('false', (1.0,)), ('true', (0.5, 1.0, 5.0))):
        node = start('node', device='cpu', image__transport='compressed',
                     image__reliability='reliable', use_sim_time=use_sim_time)
        node.wait_for_line('ready on cpu')
        for rate in rates:
            healths.clear()
            arrays = play(rate)
            assert len(arrays) >= 2
            assert_as_without_ros(machine, arrays, frames)
            listener.spin_until(lambda: len(healths) > 2)
            # Old stamps are an error only if the clock of the node is not simulated
            if rate <= 1:
                working = [h.message for h in healths if value(h, 'processed, 1/s') > 0]
                assert any('another clock' in m for m in working) or use_sim_time == 'true'
                assert any('another clock' not in m for m in working) or use_sim_time == 'false'
        assert node.end(signal.SIGINT) == 0
        assert 'Traceback' not in node.output


def value(health: DiagnosticStatus, key: str) -> float:
    return float({v.key: v.value for v in health.values}[key])


def assert_as_without_ros(machine: PoseMachine, arrays: list[Skeleton3DArray],
                          frames: dict[int, CompressedImage]) -> None:
    machine.reset()
    names: dict[str, str] = {}  # ids continue over all runs of a node
    for array in arrays:
        stamp_ns = stamp_of(array.header)
        camera = Calibration.from_camera_info(INFO).camera(WIDTH, HEIGHT)
        skeletons = machine.step(image_to_bgr(frames[stamp_ns]), stamp_ns, camera)
        expected = skeletons_of_image(skeletons, array.header, WIDTH, HEIGHT)
        assert len(present(array)) == len(present(expected))
        for got, wanted in zip(present(array), present(expected)):
            assert names.setdefault(got.id, wanted.id) == wanted.id
            assert (got.tracking_state, got.space) == (wanted.tracking_state, wanted.space)
            np.testing.assert_allclose(numbers(got), numbers(wanted), rtol=1e-4, atol=1e-5)
    assert len(set(names.values())) == len(names) >= 1


def numbers(skeleton: Skeleton3D) -> list[float]:
    return [skeleton.score, skeleton.reprojection_error, skeleton.correction, *(
        x for j in skeleton.joints for x in (
            j.position.x, j.position.y, j.position.z, j.velocity.x, j.velocity.y, j.velocity.z,
            j.score, j.u, j.v, *j.position_covariance))]


@pytest.fixture
def node(ros: None) -> Iterator[PoseMachineNode]:
    made = PoseMachineNode(parameter_overrides=[
        Parameter('image.reliability', value='reliable'), Parameter('use_sim_time', value=True)])
    made.configure()
    made.activate()
    yield made
    made.deactivate()
    made.cleanup()
    made.destroy_node()


def test_stamps_reset_what_they_must_and_nothing_else(
        node: PoseMachineNode, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """With use_sim_time and without /clock, only the stamps have the time."""
    said: list[str] = []
    for level in ('warning', 'error'):
        monkeypatch.setattr(node.get_logger(), level, lambda text, **_: said.append(text))
    photo = np.ascontiguousarray(cv2.resize(cv2.imread(str(PHOTO)), (WIDTH, HEIGHT)))
    images = listener.node.create_publisher(Image, 'image', QoSProfile(depth=10))
    infos = listener.node.create_publisher(CameraInfo, 'camera_info', QoSProfile(depth=10))
    listener.add_node(node)
    listener.spin_until(lambda: images.get_subscription_count() and infos.get_subscription_count())
    infos.publish(INFO)

    def show(seconds: float) -> None:
        message = Image(header=header(seconds), height=HEIGHT, width=WIDTH, step=3 * WIDTH,
                        encoding='bgr8')
        message.data.frombytes(photo)
        images.publish(message)

    def ids(seconds: float) -> set[str]:
        """Return the ids of the people in the result of an image with this stamp."""
        show(seconds)
        listener.spin_until(lambda: bool(listener.skeletons)
                            and listener.skeletons[-1].header == header(seconds))
        newest = present(listener.skeletons[-1])
        assert newest and {s.space for s in newest} == {Skeleton3D.CAMERA_METRIC}
        return {s.id for s in newest}

    first = ids(50.0)
    assert ids(50.1) == first
    count = len(listener.skeletons)
    show(50.1)
    listener.spin_until(lambda: any('that of the frame before' in text for text in said))
    assert ids(50.2) == first and len(listener.skeletons) == count + 1

    after_jump = ids(20.0)
    assert not after_jump & first and ids(20.1) == after_jump
    assert sum('before that of the previous image' in text for text in said) == 1
    after_gap = ids(30.0)
    assert not after_gap & (first | after_jump) and ids(30.9) == after_gap
    assert sum('9.900 s after that of the previous image' in text for text in said) == 1
    count = len(listener.skeletons)
    show(30.5)
    listener.spin_until(lambda: any('the image comes late' in text for text in said))
    assert ids(31.0) == after_gap and len(listener.skeletons) == count + 1
    assert len(said) == 4  # no warning about the camera


def test_health_continues_while_simulated_time_stands_still(
        node: PoseMachineNode, listener: Listener) -> None:
    healths: list[DiagnosticArray] = []
    listener.node.create_subscription(DiagnosticArray, '/diagnostics', healths.append, 10)
    listener.add_node(node)
    listener.spin_until(lambda: len(healths) > 1)
    assert node.get_clock().now().nanoseconds == 0
