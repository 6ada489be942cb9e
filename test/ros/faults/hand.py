# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Direct delivery of messages to a node of this process, one after another."""

from __future__ import annotations

import itertools
import threading

from ros.faults.malformed import good_compressed, good_image, GOOD_SECONDS
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.people import header
from support.processes import Listener, PATIENCE

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.ros.node import PoseMachineNode

GOOD = {Image: good_image, CompressedImage: good_compressed}
STAMP_STEP = 0.033  # seconds


class Hand:
    """Calls the subscription callbacks of a node, one message after another."""

    def __init__(self, node: PoseMachineNode, kind: type) -> None:
        self.errors: list[str] = []
        self._node, self._kind = node, kind
        self._listener = Listener()
        self._frames = itertools.count()
        node.get_logger().error = lambda text, **_: self.errors.append(text)
        self._is_idle = threading.Event()
        queue = node._camera.images
        get = queue.get

        def get_when_idle() -> Image | CompressedImage | None:
            self._is_idle.set()
            return get()

        queue.get = get_when_idle
        self._listener.spin_until(lambda: self._listener.node.count_publishers(
            '/pose_machine/skeletons') > 0)
        self.deliver(GOOD[kind]())  # from now on the worker sets `_is_idle`

    def deliver(self, message: Image | CompressedImage | CameraInfo) -> None:
        """Deliver a message, and wait until the node has processed it."""
        subscription, = (s for s in self._node.subscriptions if s.msg_type is type(message))
        self._is_idle.clear()
        subscription.callback(message)
        if not isinstance(message, CameraInfo):
            assert self._is_idle.wait(PATIENCE), 'the worker does not come back'

    def ask(self) -> Skeleton3DArray:
        """Deliver a good image; return its result, which has to arrive."""
        message = GOOD[self._kind]()
        message.header = header(GOOD_SECONDS + STAMP_STEP * next(self._frames), 'eye')
        self._listener.skeletons.clear()
        self.deliver(message)
        self._listener.spin_until(lambda: any(
            s.header == message.header for s in self._listener.skeletons))
        return self._listener.skeletons[-1]

    def close(self) -> None:
        self._listener.close()
