# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node of this process, to which messages are handed one after the other."""

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
    """Puts messages straight into a node of this process, one after the other."""

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
        self.deliver(GOOD[kind]())  # from here on the worker tells when it is idle

    def deliver(self, message: Image | CompressedImage | CameraInfo) -> None:
        """Hand a message over as DDS would, and wait until the node is done with it."""
        subscription, = (s for s in self._node.subscriptions if s.msg_type is type(message))
        self._is_idle.clear()
        subscription.callback(message)
        if not isinstance(message, CameraInfo):
            assert self._is_idle.wait(PATIENCE), 'the worker does not come back'

    def ask(self) -> Skeleton3DArray:
        """Deliver a good image; returns the answer to it, which has to come."""
        message = GOOD[self._kind]()
        message.header = header(GOOD_SECONDS + STAMP_STEP * next(self._frames), 'eye')
        self._listener.skeletons.clear()
        self.deliver(message)
        self._listener.spin_until(lambda: any(
            s.header == message.header for s in self._listener.skeletons))
        return self._listener.skeletons[-1]

    def close(self) -> None:
        self._listener.close()
