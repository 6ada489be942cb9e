# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node that keeps what several pose machine nodes publish, to calibrate a rig from it."""

from __future__ import annotations

from collections.abc import Mapping
import faulthandler
import signal
import time

from rclpy.node import Node

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.errors import InputError
from pose_machine_ros.rig_calibration.recordings import SkeletonCollector
from pose_machine_ros.rig_calibration.tracks import CameraTracks
from pose_machine_ros.ros.runtime.process import run_node
from pose_machine_ros.ros.runtime.qos import RESULT_QOS

_REPORT_PERIOD = 1.0  # seconds
_WARNING_DELAY = 5.0  # seconds from the start to warnings about missing topics


class SkeletonRecorder(Node):
    """Subscribes to the skeletons of several nodes for some time.

    The time starts with the first message. Once a second the node prints how much it has received.
    """

    def __init__(self, topics: Mapping[str, str], seconds: float) -> None:
        """Record `topics`, by the name of the camera, for `seconds`."""
        super().__init__('skeleton_recorder')
        self._topics, self._seconds = dict(topics), seconds
        self.collectors = {name: SkeletonCollector(name) for name in topics}
        self._counts = dict.fromkeys(topics, 0)
        self._begin = self._first = time.monotonic()

    def configure(self) -> None:
        """Do nothing: there is nothing to load."""

    def activate(self) -> None:
        """Subscribe."""
        self._begin = time.monotonic()
        self._entities = [
            self.create_subscription(
                Skeleton3DArray, topic, lambda m, name=name: self._on_skeletons(name, m),
                RESULT_QOS) for name, topic in self._topics.items()]
        self._entities.append(self.create_timer(_REPORT_PERIOD, self._report))

    def deactivate(self) -> None:
        """Do nothing: the caller reads what was collected."""

    def cleanup(self) -> None:
        """Do nothing: there is nothing to free."""

    @property
    def is_done(self) -> bool:
        """Whether the time is over."""
        return any(self._counts.values()) and time.monotonic() - self._first >= self._seconds

    def _on_skeletons(self, name: str, message: Skeleton3DArray) -> None:
        if not any(self._counts.values()):
            self._first = time.monotonic()
        self._counts[name] += 1
        self.collectors[name].add(message)

    def _report(self) -> None:
        print(', '.join(f'{name}: {n} results' for name, n in self._counts.items()), flush=True)
        if time.monotonic() - self._begin > _WARNING_DELAY:
            for name in [n for n, count in self._counts.items() if not count]:
                self.get_logger().warning(f'nothing on {self._topics[name]} yet: start the node of '
                                          f'{name}, or correct its name', once=True)


def record_skeletons(topics: Mapping[str, str], seconds: float) -> list[CameraTracks]:
    """Return what the nodes publish on `topics` for `seconds`, or until SIGINT or SIGTERM.

    Raises InputError if ROS cannot start.
    """
    made: list[SkeletonRecorder] = []

    def create() -> SkeletonRecorder:
        made.append(SkeletonRecorder(topics, seconds))
        return made[0]

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if run_node(create, [], lambda node: node.is_done) or not made:
            raise InputError('ROS could not record the skeletons; see the message above')
    finally:
        faulthandler.cancel_dump_traceback_later()  # after a signal: what follows takes longer
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return [c.finish() for c in made[0].collectors.values()]
