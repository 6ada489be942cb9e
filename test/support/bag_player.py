# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A small `ros2 bag play --clock`: bag_player.py BAG RATE; waits for a subscriber of each topic."""

from __future__ import annotations

from pathlib import Path
import sys
import time

import rclpy
from rclpy.time import Time
from rosbags.rosbag2 import Reader
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage

TYPES = {f'sensor_msgs/msg/{kind.__name__}': kind for kind in (CameraInfo, CompressedImage)}


def play(bag: Path, rate: float) -> None:
    """Publish all messages of a bag, and the clock, at `rate` times the recorded speed."""
    rclpy.init()
    node = rclpy.create_node('bag_player')
    clock = node.create_publisher(Clock, '/clock', 10)
    with Reader(bag) as reader:
        publishers = {c.topic: node.create_publisher(TYPES[c.msgtype], c.topic, 10)
                      for c in reader.connections}
        while not all(p.get_subscription_count() for p in publishers.values()):
            time.sleep(0.02)
        begin = time.monotonic()
        for connection, stamp_ns, data in reader.messages():
            due = begin + (stamp_ns - reader.start_time) * 1e-9 / rate
            time.sleep(max(due - time.monotonic(), 0))
            clock.publish(Clock(clock=Time(nanoseconds=stamp_ns).to_msg()))
            publishers[connection.topic].publish(data)
    for publisher in publishers.values():
        publisher.wait_for_all_acked()
    node.destroy_node()
    rclpy.shutdown()


if __name__ == '__main__':
    play(Path(sys.argv[1]), float(sys.argv[2]))
