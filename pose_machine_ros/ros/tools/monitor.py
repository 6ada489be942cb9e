# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A monitor of a pose machine node: rates, drops and latency, as lines of JSON."""

from __future__ import annotations

from array import array
import json
import time

import numpy as np
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.ros.runtime.process import run_node

_PERCENTILES = (50, 95, 99)


class Monitor(Node):
    """Subscribes to `camera_info` and to the skeletons of the node `pose_machine`.

    Once a period it prints a line of JSON about that period: `span` in seconds, frames `sent` by
    the camera (one camera_info each), frames `processed`, `people` in the newest frame, results
    whose stamp is not after the last one (`backward`), and percentiles of two latencies in ms: from
    the image's stamp to the publication of the result (`latency`), and to its receipt here
    (`receipt`, with the maximum).
    """

    def __init__(self) -> None:
        """Declare the parameters."""
        super().__init__('monitor')
        self.declare_parameter('period', 1.0, ParameterDescriptor(
            description='Time between two lines, seconds', read_only=True))

    def configure(self) -> None:
        """Check the period; raises InputError if it is not positive."""
        self._period = self.get_parameter('period').value
        if self._period <= 0:
            raise InputError(f'parameter period = {self._period} s must be positive')
        self._newest = Time(clock_type=self.get_clock().clock_type)
        self._start_period()

    def activate(self) -> None:
        """Subscribe."""
        reliable, best_effort = (QoSProfile(depth=100, reliability=r) for r in (
            ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT))
        self._entities = [
            self.create_subscription(CameraInfo, 'camera_info', self._on_info, best_effort),
            self.create_subscription(
                Skeleton3DArray, 'pose_machine/skeletons', self._on_skeletons, reliable),
            self.create_timer(self._period, self._report)]

    def deactivate(self) -> None:
        """Do nothing: the subscriptions stay until the node is destroyed."""

    def cleanup(self) -> None:
        """Do nothing: no resources are held."""

    def _start_period(self) -> None:
        self._start = time.monotonic()
        self._sent = self._people = self._backward = 0
        self._latencies_ms, self._receipts_ms = array('d'), array('d')

    def _on_info(self, _message: CameraInfo) -> None:
        self._sent += 1

    def _on_skeletons(self, message: Skeleton3DArray) -> None:
        now = self.get_clock().now()
        stamp = Time.from_msg(message.header.stamp, clock_type=now.clock_type)
        self._receipts_ms.append((now - stamp).nanoseconds * 1e-6)
        self._backward += stamp <= self._newest
        self._newest = stamp
        self._people = sum(TrackingState(s.tracking_state).is_active for s in message.skeletons)
        self._latencies_ms.append(Duration.from_msg(message.latency).nanoseconds * 1e-6)

    def _report(self) -> None:
        print(json.dumps({
            'span': round(time.monotonic() - self._start, 3), 'sent': self._sent,
            'processed': len(self._latencies_ms), 'people': self._people,
            'backward': self._backward, **_percentiles('latency', self._latencies_ms),
            **_percentiles('receipt', self._receipts_ms),
            'receipt_max_ms': round(max(self._receipts_ms), 2) if self._receipts_ms else None,
            }), flush=True)
        self._start_period()


def _percentiles(name: str, values_ms: array) -> dict[str, float | None]:
    values = np.percentile(values_ms, _PERCENTILES).round(2).tolist() \
        if values_ms else [None] * len(_PERCENTILES)
    return {f'{name}_p{p}_ms': value for p, value in zip(_PERCENTILES, values)}


def main(args: list[str] | None = None) -> int:
    """Monitor until SIGINT or SIGTERM; return the exit status."""
    return run_node(Monitor, args)
