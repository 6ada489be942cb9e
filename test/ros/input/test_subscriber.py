# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images and intrinsics of a camera: warnings about missing ones, late images, several cameras."""

from __future__ import annotations

from collections.abc import Callable
import re

import pytest
import rclpy
from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.subscriptions import (
    arrives, BEST_EFFORT, RELIABLE, spin_until, subscribed, subscribed_reliability)

from pose_machine_ros.errors import InputError, LateFrameError
from pose_machine_ros.ros.input import publisher_watch, subscriber
from pose_machine_ros.ros.input.subscriber import CameraSubscriber, InputConfig
from pose_machine_ros.ros.runtime.distributions import profile_variable


@pytest.fixture
def warnings(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the warnings of the node."""
    said: list[str] = []
    monkeypatch.setattr(node.get_logger(), 'warning', said.append)
    return said


@pytest.mark.parametrize('reliability, kind, complaint', [
    ('best_effort', None, 'nobody publishes it'),
    ('reliable', Image, 'QoS is not compatible.*reliab.*image.reliability to auto'),
    ('best_effort', CompressedImage, 'its type is sensor_msgs/msg/CompressedImage'),
    ('best_effort', Image, profile_variable()),
])
def test_missing_images_are_explained(
        node: Node, driver: Node, warnings: list[str], monkeypatch: pytest.MonkeyPatch,
        reliability: str, kind: type | None, complaint: str) -> None:
    monkeypatch.setattr(subscriber, '_IMAGE_WAIT', 0.05)
    camera = subscribed(node, InputConfig(reliability))
    if kind is not None:
        driver.create_publisher(kind, 'image', BEST_EFFORT)

    def warned() -> bool:
        # A new publisher is in the graph a moment later
        if kind is None or node.get_publishers_info_by_topic('/image'):
            camera.watch()
        return bool(warnings)
    spin_until(node, warned)
    camera.watch()  # not repeated at once
    camera.close()
    warning, = (w for w in warnings if 'no image on /image' in w)  # rclpy warns about QoS as well
    assert re.search(complaint, warning)


def test_nothing_is_missing_while_images_come(node: Node, warnings: list[str]) -> None:
    camera = subscribed(node)
    images = node.create_publisher(Image, 'image', BEST_EFFORT)

    def received() -> bool:
        images.publish(Image())
        return camera.images.counts[0] > 0
    spin_until(node, received)
    camera.watch()
    camera.close()
    assert not warnings


def test_without_camera_info_the_camera_is_guessed_after_a_while(
        node: Node, warnings: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber, '_INFO_WAIT', 0.3)
    camera = subscribed(node)
    images = node.create_publisher(Image, 'image', BEST_EFFORT)
    infos = node.create_publisher(CameraInfo, 'camera_info', BEST_EFFORT)
    assert camera.camera(640, 480, 1.0) is None  # camera_info may still arrive

    def guessed() -> bool:
        images.publish(Image())
        return camera.camera(640, 480, 1.0) is not None
    spin_until(node, guessed)
    assert not camera.camera(640, 480, 1.0).calibrated
    assert len(warnings) == 1 and '1 rad (57.3 degrees)' in warnings[0]

    def told() -> bool:
        infos.publish(CameraInfo(width=640, height=480, k=[500.0, 0, 320, 0, 500, 240, 0, 0, 1]))
        return camera.camera(640, 480, 1.0).calibrated
    spin_until(node, told)
    camera.close()
    assert len(warnings) == 1


@pytest.mark.parametrize('reliability, kind, complaint', [
    ('best_effort', None, 'nobody publishes it.*remap camera_info'),
    ('reliable', CameraInfo, '1 publisher.*transient_local'),  # image.reliability is not used
    ('best_effort', Image, 'its type is sensor_msgs/msg/Image, not .*CameraInfo: remap '
     'camera_info'),
    ('best_effort', CameraInfo, '1 publisher.*transient_local'),
])
def test_missing_camera_info_is_explained(
        node: Node, driver: Node, warnings: list[str], monkeypatch: pytest.MonkeyPatch,
        reliability: str, kind: type | None, complaint: str) -> None:
    monkeypatch.setattr(subscriber, '_INFO_WAIT', 0.0)
    if kind is not None:
        driver.create_publisher(kind, 'camera_info', BEST_EFFORT)
        spin_until(node, lambda: bool(node.get_publishers_info_by_topic('/camera_info')))
    camera = subscribed(node, InputConfig(reliability))
    images = node.create_publisher(Image, 'image', RELIABLE)
    spin_until(node, arrives(camera, images))
    for _ in range(2):  # logged once
        assert not camera.camera(640, 480, 1.0).calibrated
    camera.close()
    warning, = (w for w in warnings if 'no camera_info on /camera_info' in w)
    assert re.search(complaint, warning)


def test_rectified_images_of_a_lens_that_is_not_supported_are_reported(node: Node) -> None:
    camera = subscribed(node, InputConfig(rectified=True))
    infos = node.create_publisher(CameraInfo, 'camera_info', BEST_EFFORT)
    images = node.create_publisher(Image, 'image', BEST_EFFORT)

    def told() -> bool:
        infos.publish(CameraInfo(
            width=640, height=480, k=[500.0, 0, 320, 0, 500, 240, 0, 0, 1],
            p=[400.0, 0, 320, 0, 0, 400, 240, 0, 0, 0, 1, 0],
            distortion_model='omni', d=[0.1] * 4))
        images.publish(Image())
        found = camera.camera(640, 480, 1.0)
        return found is not None and found.calibrated
    spin_until(node, told)
    assert camera.camera(640, 480, 1.0).matrix[0, 0] == 400
    camera.configure(InputConfig())
    with pytest.raises(InputError, match='omni.*set image.rectified to true'):
        camera.camera(640, 480, 1.0)
    camera.close()


def test_compressed_images_come_from_the_topic_of_image_transport(node: Node,
                                                                  driver: Node) -> None:
    camera = subscribed(node, InputConfig(transport='compressed'))
    publisher = driver.create_publisher(CompressedImage, '/image/compressed', BEST_EFFORT)
    sent = CompressedImage(format='jpeg')

    def arrived() -> bool:
        publisher.publish(sent)
        return camera.images.counts[0] > 0

    spin_until(node, arrived)
    assert camera.images.get().format == 'jpeg'
    camera.close()


def test_transport_and_reliability_change_while_subscribed(node: Node, driver: Node) -> None:
    camera = subscribed(node)
    jpegs = driver.create_publisher(CompressedImage, 'image/compressed', RELIABLE)
    camera.configure(InputConfig('reliable', 'compressed'))
    spin_until(node, arrives(camera, jpegs))
    assert subscribed_reliability(driver, '/image/compressed') == [ReliabilityPolicy.RELIABLE]
    spin_until(node, lambda: not subscribed_reliability(driver))
    camera.close()


def test_nothing_comes_while_it_rests(node: Node, driver: Node, warnings: list[str],
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber, '_IMAGE_WAIT', 0.0)
    camera = subscribed(node)
    images = driver.create_publisher(Image, 'image', BEST_EFFORT)
    spin_until(node, arrives(camera, images))
    camera.unsubscribe()
    spin_until(node, lambda: not subscribed_reliability(driver))
    camera.configure(InputConfig('reliable'))
    camera.watch()
    assert not subscribed_reliability(driver) and not warnings
    camera.configure(InputConfig())
    camera.subscribe()
    spin_until(node, arrives(camera, images))
    camera.close()


def test_an_image_that_is_older_than_the_waiting_one_is_late(node: Node) -> None:
    late: list[LateFrameError] = []
    camera = CameraSubscriber(node, on_late=late.append)
    camera.subscribe()

    def receive(seconds: int, nanoseconds: int = 0) -> None:
        message = Image()
        message.header.stamp.sec, message.header.stamp.nanosec = seconds, nanoseconds
        camera._on_image(message)
    receive(10)
    receive(9, 900_000_000)
    receive(9, 2**32 - 1)  # not a valid time
    assert camera.images.get().header.stamp.sec == 10 and len(late) == 2
    assert 'stamp 9900000000 ns is 0.100 s before' in str(late[0])
    for stamp in ((5, 0), (0, 0), (0, 0), (-7, 0)):  # not late: no newer one, or no stamp
        receive(*stamp)
    assert len(late) == 2 and camera.images.counts == (7, 3)
    camera.close()


@pytest.mark.parametrize('max_gap, sec, nanosec, waits', [
    (1.0, 9, 1, 10), (1.0, 9, 0, 9), (1.0, 2, 0, 2), (60.0, 2, 0, 10)])
def test_an_image_that_goes_back_by_max_gap_is_the_first_of_another_stream(
        node: Node, max_gap: float, sec: int, nanosec: int, waits: int) -> None:
    late: list[LateFrameError] = []
    camera = CameraSubscriber(node, on_late=late.append, max_gap=lambda: max_gap)
    for stamp in ((10, 0), (sec, nanosec)):
        message = Image()
        message.header.stamp.sec, message.header.stamp.nanosec = stamp
        camera._on_image(message)
    assert camera.images.get().header.stamp.sec == waits
    assert len(late) == (waits == 10)
    camera.close()


def test_two_cameras_are_named_once_and_while_they_are_there(
        node: Node, driver: Node, warnings: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_watch, '_SECOND_LOOK', 0.05)
    camera = subscribed(node)
    second = rclpy.create_node('driver', namespace='right', context=driver.context)
    first_images, second_images = (n.create_publisher(Image, '/image', BEST_EFFORT)
                                   for n in (driver, second))

    def seen(*names: str) -> Callable[[], bool]:
        def is_seen() -> bool:
            camera.watch()
            return camera.publishers == names
        return is_seen
    spin_until(node, seen('/driver', '/right/driver'))
    spin_until(node, seen('/driver', '/right/driver'))
    driver.destroy_publisher(first_images)
    spin_until(node, seen())
    warning, = (w for w in warnings if 'several nodes publish' in w)
    assert '/image: /driver, /right/driver' in warning
    second.destroy_publisher(second_images)
    second.destroy_node()
    camera.close()
