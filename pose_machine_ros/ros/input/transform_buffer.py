# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where frames are, from `/tf` and `/tf_static`."""

from __future__ import annotations

from copy import copy
from typing import Protocol

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.camera.transform_tree import TransformTree
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.ros.input import tf2_transforms
from pose_machine_ros.ros.runtime.topics import destroy_on_failure

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # the Python wheels of ROS 2 do not include it
    TFMessage = None

# As those of the listener of tf2
TF_QOS = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
STATIC_TF_QOS = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE,
                           durability=DurabilityPolicy.TRANSIENT_LOCAL)
_WARNING_PERIOD = 10.0  # seconds


def check_installed() -> None:
    """Raise InputError if tf2_msgs is not installed."""
    if TFMessage is None:
        raise InputError('tf2_msgs is not installed, and poses of frames come from /tf: install it '
                         'with your ROS distribution')


class Transforms(Protocol):
    """What collects transforms until `close`: tf2_ros, or the TreeTransforms of this module."""

    def lookup(self, target: str, source: str, stamp_ns: int) -> RigidTransform:
        """Do as TransformBuffer.lookup does."""

    def close(self) -> None:
        """Unsubscribe."""


class TransformBuffer:
    """Subscribes to `/tf` and `/tf_static` until `close`.

    The transforms are kept by tf2_ros where it is installed, and otherwise by a TransformTree,
    which follows the same rules. `lookup` may be called from any thread.
    """

    def __init__(self, node: Node) -> None:
        """Subscribe; raises InputError if tf2_msgs is not installed."""
        check_installed()
        make = tf2_transforms.Tf2Transforms if tf2_transforms.is_installed() else TreeTransforms
        self._transforms: Transforms = make(node)

    def lookup(self, target: str, source: str, stamp_ns: int) -> RigidTransform:
        """Return the pose of the frame `source` in the frame `target` at a time, interpolated.

        The newest transform counts for another 0.2 s, because TF is often later than images. Raises
        InputError, which names both frames and the cure, if there is no transform for that time.
        """
        return self._transforms.lookup(target, source, stamp_ns)

    def close(self) -> None:
        """Unsubscribe and forget all transforms."""
        self._transforms.close()


class TreeTransforms:
    """Fills a TransformTree from `/tf` and `/tf_static`."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._logger = node.get_logger()
        self._tree = TransformTree()
        self.lookup = self._tree.lookup
        self._subscriptions: list[Subscription] = []
        with destroy_on_failure(node):
            for topic, qos, callback in (('/tf', TF_QOS, self._on_transforms),
                                         ('/tf_static', STATIC_TF_QOS, self._on_static)):
                self._subscriptions.append(
                    node.create_subscription(TFMessage, topic, callback, copy(qos)))

    def close(self) -> None:
        """Unsubscribe."""
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop())

    def _on_transforms(self, message: TFMessage) -> None:
        self._insert(message, is_static=False)

    def _on_static(self, message: TFMessage) -> None:
        self._insert(message, is_static=True)

    def _insert(self, message: TFMessage, is_static: bool) -> None:
        for stamped in message.transforms:
            q, t = stamped.transform.rotation, stamped.transform.translation
            try:
                warning = self._tree.insert(
                    stamped.header.frame_id, stamped.child_frame_id,
                    header_stamp_ns(stamped.header), (q.x, q.y, q.z, q.w), (t.x, t.y, t.z),
                    is_static)
            except InputError as error:
                warning = f'a transform on TF is ignored: {error}'
            if warning:
                self._logger.warning(warning, throttle_duration_sec=_WARNING_PERIOD)
