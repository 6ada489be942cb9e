# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A subscription has the QoS that all publishers match, and latched messages arrive."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from support.subscriptions import (
    arrives, BEST_EFFORT, latch, LATCHED, RELIABLE, spin_until, subscribed, subscribed_reliability)

from pose_machine_ros.ros.input import adaptive_subscription
from pose_machine_ros.ros.input.adaptive_subscription import RELIABILITIES, requested_qos
from pose_machine_ros.ros.input.subscriber import InputConfig


@pytest.mark.parametrize('offered, reliability, durability, wanted', [
    ([], 'auto', 'auto', BEST_EFFORT), ([], 'reliable', 'auto', RELIABLE),
    ([], 'auto', 'transient_local', LATCHED), ([], 'best_effort', 'transient_local', LATCHED),
    ([RELIABLE, BEST_EFFORT], 'auto', 'auto', BEST_EFFORT), ([RELIABLE], 'auto', 'auto', RELIABLE),
    ([LATCHED, LATCHED], 'auto', 'auto', LATCHED), ([LATCHED], 'reliable', 'auto', LATCHED),
    ([LATCHED, RELIABLE], 'auto', 'auto', RELIABLE),
    ([LATCHED], 'best_effort', 'auto', BEST_EFFORT),
    ([LATCHED], 'best_effort', 'transient_local', LATCHED),
    ([LATCHED], 'auto', 'volatile', LATCHED)])  # rclpy overrides that with volatile
def test_qos_is_the_most_that_all_publishers_offer(
        offered: list[QoSProfile], reliability: str, durability: str, wanted: QoSProfile) -> None:
    assert requested_qos(offered, reliability, durability) == (
        wanted.reliability, wanted.durability)


def test_reliability_follows_the_publishers(node: Node, driver: Node) -> None:
    camera = subscribed(node, InputConfig('auto'))
    first = driver.create_publisher(Image, 'image', RELIABLE)

    def followed(wanted: ReliabilityPolicy) -> bool:
        camera.watch()
        return subscribed_reliability(driver) == [wanted]
    spin_until(node, lambda: followed(ReliabilityPolicy.RELIABLE))
    spin_until(node, arrives(camera, first))

    second = driver.create_publisher(Image, 'image', BEST_EFFORT)  # which reliable would not match
    spin_until(node, lambda: followed(ReliabilityPolicy.BEST_EFFORT))
    spin_until(node, arrives(camera, second))
    camera.close()


def test_qos_overrides_are_permanent(ros: None, driver: Node) -> None:
    """With a latched camera_info that was published once."""
    node = rclpy.create_node('overridden', parameter_overrides=[
        Parameter('qos_overrides./camera_info.subscription.durability', value='transient_local')])
    latch(driver)
    for reliability in RELIABILITIES:  # from the second on, the parameter is declared already
        camera = subscribed(node, InputConfig(reliability))
        spin_until(node, lambda: camera.info is not None)
        camera.close()
    node.destroy_node()


@pytest.mark.parametrize('reliability', RELIABILITIES)
def test_latched_intrinsics_arrive_with_every_reliability_of_images(
        node: Node, driver: Node, reliability: str) -> None:
    latch(driver)
    camera = subscribed(node, InputConfig(reliability))

    def is_told() -> bool:
        camera.seek_camera_info()  # the publisher may be discovered only now
        return camera.info is not None
    spin_until(node, is_told)
    images = driver.create_publisher(Image, 'image', RELIABLE)
    spin_until(node, arrives(camera, images))
    assert camera.camera(640, 480, 1.0).calibrated
    camera.close()


def test_intrinsics_follow_publishers_that_change(node: Node, driver: Node) -> None:
    camera = subscribed(node)
    usual = driver.create_publisher(CameraInfo, 'camera_info', BEST_EFFORT)

    def comes(focal: float, publisher: Publisher | None = None) -> Callable[[], bool]:
        def is_told() -> bool:
            camera.watch()
            if publisher is not None:
                publisher.publish(CameraInfo(width=640, height=480, k=[focal] * 9))
            return camera.info is not None and camera.info.k[0] == focal
        return is_told
    spin_until(node, comes(400.0, usual))
    latched = latch(driver)
    spin_until(node, comes(450.0, usual))  # both match while both exist
    driver.destroy_publisher(usual)
    spin_until(node, comes(500.0))  # it arrives once all publishers are latched
    driver.destroy_publisher(latched)
    spin_until(node, comes(600.0, driver.create_publisher(CameraInfo, 'camera_info', RELIABLE)))
    camera.close()


@pytest.mark.parametrize('other', [RELIABLE, BEST_EFFORT])
@pytest.mark.parametrize('override', [None, 'transient_local'])
def test_intrinsics_latched_by_one_of_two_publishers_arrive(
        ros: None, driver: Node, other: QoSProfile, override: str | None) -> None:
    silent = driver.create_publisher(CameraInfo, 'camera_info', other)
    latch(driver)
    node = rclpy.create_node('subscriber_test', parameter_overrides=[Parameter(
        'qos_overrides./camera_info.subscription.durability', value=override)] * bool(override))
    spin_until(node, lambda: len(node.get_publishers_info_by_topic('/camera_info')) == 2)
    camera = subscribed(node)

    def is_told() -> bool:
        camera.seek_camera_info()
        return camera.info is not None
    spin_until(node, is_told)
    if override is None:  # from then on all publishers match

        def is_told_anew() -> bool:
            camera.watch()
            silent.publish(CameraInfo(width=320))
            return camera.info.width == 320
        spin_until(node, is_told_anew)
    camera.close()
    node.destroy_node()


def test_intrinsics_of_one_publisher_arrive_though_another_keeps_none(
        node: Node, driver: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adaptive_subscription, '_TURN', 0.5)
    driver.create_publisher(CameraInfo, 'camera_info', LATCHED)
    usual = driver.create_publisher(CameraInfo, 'camera_info', BEST_EFFORT)
    spin_until(node, lambda: len(node.get_publishers_info_by_topic('/camera_info')) == 2)
    camera = subscribed(node)
    assert camera._subscriptions[0].qos == LATCHED

    def is_told() -> bool:
        camera.seek_camera_info()
        usual.publish(CameraInfo())
        return camera.info is not None
    spin_until(node, is_told)
    camera.close()


@pytest.mark.parametrize('reliability', RELIABILITIES)
def test_images_of_a_transient_local_publisher_arrive(node: Node, driver: Node,
                                                      reliability: str) -> None:
    images = driver.create_publisher(Image, 'image', LATCHED)
    camera = subscribed(node, InputConfig(reliability))
    spin_until(node, arrives(camera, images))
    camera.close()
