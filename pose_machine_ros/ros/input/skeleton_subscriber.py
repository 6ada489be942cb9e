# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Subscriptions to the skeletons of several pose nodes."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
import functools

from rclpy.node import Node
from rclpy.qos import qos_check_compatible, QoSCompatibility
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox
from pose_machine_ros.ros.runtime.message_versions import publishers_of_another_version
from pose_machine_ros.ros.runtime.qos import RESULT_QOS
from pose_machine_ros.ros.runtime.topics import destroy_on_failure

_TYPE = 'pose_machine_msgs/msg/Skeleton3DArray'


class SkeletonSubscriber:
    """Puts the messages of each topic into an inbox, serialized, as long as it is subscribed.

    The callbacks do nothing else, so that no message waits for another one.
    """

    def __init__(self, node: Node, topics: Sequence[str], inbox: SkeletonInbox) -> None:
        """Start unsubscribed; `topics` are full names."""
        self._node = node
        self._topics = topics
        self._inbox = inbox
        self._subscriptions: dict[str, Subscription] = {}  # by topic

    def subscribe(self) -> None:
        """Subscribe, if not subscribed; raises InputError for invalid QoS overrides."""
        if self._subscriptions:
            return
        with destroy_on_failure(self._node):
            for topic in self._topics:
                self._subscriptions[topic] = self._node.create_subscription(
                    Skeleton3DArray, topic, functools.partial(self._inbox.put, topic),
                    copy(RESULT_QOS), raw=True,
                    qos_overriding_options=QoSOverridingOptions.with_default_policies())

    def unsubscribe(self) -> None:
        """Unsubscribe."""
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.popitem()[1])

    def reason_for_silence(self, topic: str) -> str:
        """Return why no messages arrive on a topic, and what to do."""
        publishers = self._node.get_publishers_info_by_topic(topic)
        if not publishers:
            return 'nothing publishes it: start the pose node of this camera, or change inputs'
        if other := [p.topic_type for p in publishers if p.topic_type != _TYPE]:
            return f'it carries {other[0]}: give the ~/skeletons of a pose node in inputs'
        if names := publishers_of_another_version(self._node, topic):
            return (f'{", ".join(names)} publishes it with another version of pose_machine_msgs: '
                    'install the same version on all machines (docs/migration.md)')
        requested = self._subscriptions[topic].qos_profile
        if all(qos_check_compatible(p.qos_profile, requested)[0] == QoSCompatibility.ERROR
               for p in publishers):
            return ('its QoS does not match: set qos_overrides of this subscription or of the '
                    'publisher')
        return 'its publisher is silent: look at the diagnostics and the camera of the pose node'
