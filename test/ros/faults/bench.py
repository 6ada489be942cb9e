# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node in a process of its own, with a camera in this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import signal

import cv2
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.duration import Duration
from rclpy.qos import qos_profile_sensor_data
from rclpy.time import Time
from ros.faults.malformed import good_info
from sensor_msgs.msg import CameraInfo, Image
from support.clips import PHOTO
from support.processes import Listener, NodeProcess, present

from pose_machine_msgs.msg import Skeleton3DArray


class Bench:
    """A node process, publishers of its inputs, and a listener for its results."""

    def __init__(self, program: str | Path = 'node', **parameters: object) -> None:
        self.node = NodeProcess(program, device='cpu', **parameters)
        self.listener = Listener()
        self.healths: list[DiagnosticStatus] = []
        create = self.listener.node.create_subscription
        create(DiagnosticArray, '/diagnostics', lambda m: self.healths.extend(m.status), 10)
        publish = self.listener.node.create_publisher
        self.images = publish(Image, 'image', qos_profile_sensor_data)
        self.infos = publish(CameraInfo, 'camera_info', qos_profile_sensor_data)
        # Of the images published here: an hour before those of a camera process
        self._stamp = self.listener.node.get_clock().now() - Duration(seconds=3600)

    def wait_until_ready(self) -> None:
        """Wait until the node subscribes, and its diagnostics arrive."""
        self.node.wait_for_line('ready on cpu')
        self.listener.spin_until(
            lambda: bool(self.healths) and self.images.get_subscription_count() > 0)

    def show(self, image: Callable[[], Image],
             is_done: Callable[[Skeleton3DArray], bool] = lambda _: True,
             info: Callable[[], CameraInfo] | None = None) -> Skeleton3DArray:
        """Publish images until a result satisfies `is_done`; return that result.

        The stamps are 1/30 s apart, so that a slow machine causes no gap.
        """
        sent, seen = [], len(self.listener.skeletons)
        for newest in stamps(self.listener.skeletons[-1:]):  # so that no image is late
            if 0 < newest - self._stamp.nanoseconds < 10**10:
                self._stamp = Time(nanoseconds=newest, clock_type=self._stamp.clock_type)

        def is_answered() -> bool:
            for answer in self.listener.skeletons[seen:]:
                if answer.header.stamp in sent and is_done(answer):
                    return True
            # One frame at a time, so that the node has enough time on a slow machine
            if not sent or sent[-1] in [s.header.stamp for s in self.listener.skeletons[seen:]] \
                    or self._is_overdue():
                message = image()
                message.header.frame_id = 'eye'
                self._stamp += Duration(nanoseconds=10**9 // 30)
                message.header.stamp = self._stamp.to_msg()
                sent.append(message.header.stamp)
                if info is not None:
                    self.infos.publish(info())
                self.images.publish(message)
            return False

        self._polls = 0
        self.listener.spin_until(is_answered)
        return next(a for a in self.listener.skeletons[seen:]
                    if a.header.stamp in sent and is_done(a))

    def people(self) -> set[str]:
        """Return the ids of the people in the newest result."""
        return {s.id for s in present(self.listener.skeletons[-1])} \
            if self.listener.skeletons else set()

    def health(self) -> tuple[bytes, str]:
        """Return level and message of the newest diagnostics."""
        return self.healths[-1].level, self.healths[-1].message

    def end(self) -> None:
        """End the node, which must still be running."""
        try:
            assert self.node.end(signal.SIGINT) == 0, self.node.output
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill the node if it still runs."""
        self.node.kill()
        self.listener.close()

    def _is_overdue(self) -> bool:
        """Return True every tenth time: a best-effort image may have been lost."""
        self._polls += 1
        return self._polls % 10 == 0


def photo(width: int = 324, height: int = 576, encoding: str = 'bgr8',
          is_bigendian: int = 0) -> Image:
    """Return a photograph of two people."""
    picture = cv2.resize(cv2.imread(str(PHOTO)), (width, height), interpolation=cv2.INTER_AREA)
    code = {'rgb8': cv2.COLOR_BGR2RGB, 'bgra8': cv2.COLOR_BGR2BGRA,
            'mono8': cv2.COLOR_BGR2GRAY, 'i420': cv2.COLOR_BGR2YUV_I420}.get(encoding)
    picture = picture if code is None else cv2.cvtColor(picture, code)
    step = width if encoding == 'i420' else picture.size // height
    message = Image(width=width, height=height, encoding=encoding, step=step,
                    is_bigendian=is_bigendian)
    message.data.frombytes(picture.tobytes())
    return message


def good_photo_info() -> CameraInfo:
    """Return the intrinsics of the camera that took the photograph."""
    return good_info(324, 576)


def stamps(messages: list) -> list[int]:
    """Return the stamps of messages with a header, in nanoseconds."""
    return [m.header.stamp.sec * 10**9 + m.header.stamp.nanosec for m in messages]
