# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""QoS profiles, and helpers for tests of subscriptions to a camera."""

from __future__ import annotations

from collections.abc import Callable
import time

import rclpy
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo
from support.processes import PATIENCE

from pose_machine_ros.ros.input.subscriber import CameraSubscriber, InputConfig

BEST_EFFORT, RELIABLE, LATCHED, BEST_EFFORT_LATCHED = (
    QoSProfile(depth=1, reliability=reliability, durability=durability)
    for reliability, durability in (
        (ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.VOLATILE),
        (ReliabilityPolicy.RELIABLE, DurabilityPolicy.VOLATILE),
        (ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL),
        (ReliabilityPolicy.BEST_EFFORT, DurabilityPolicy.TRANSIENT_LOCAL)))


def subscribed(node: Node, config: InputConfig = InputConfig()) -> CameraSubscriber:
    """Return a subscriber that is subscribed."""
    camera = CameraSubscriber(node, config)
    camera.subscribe()
    return camera


def spin_until(node: Node, is_done: Callable[[], bool]) -> None:
    """Spin a node until `is_done`; AssertionError if that takes too long."""
    end = time.monotonic() + PATIENCE
    while not is_done():
        assert time.monotonic() < end
        rclpy.spin_once(node, timeout_sec=0.02)


def arrives(camera: CameraSubscriber, publisher: Publisher) -> Callable[[], bool]:
    """Return a condition that publishes, and is true once one more image has arrived."""
    before = camera.images.counts[0]

    def arrived() -> bool:
        publisher.publish(publisher.msg_type())
        return camera.images.counts[0] > before
    return arrived


def subscribed_reliability(driver: Node, topic: str = '/image') -> list[ReliabilityPolicy]:
    """Return the reliability of every subscription to a topic, as another node sees it."""
    return [s.qos_profile.reliability for s in driver.get_subscriptions_info_by_topic(topic)]


def latch(driver: Node, topic: str = 'camera_info') -> Publisher:
    """Publish intrinsics once, latched."""
    publisher = driver.create_publisher(CameraInfo, topic, LATCHED)
    publisher.publish(CameraInfo(width=640, height=480, k=[500.0, 0, 320, 0, 500, 240, 0, 0, 1]))
    return publisher
