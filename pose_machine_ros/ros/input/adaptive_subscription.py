# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A subscription that adapts its QoS to what the publishers offer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import time
from typing import Any

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy, HistoryPolicy, qos_check_compatible, QoSCompatibility, QoSPolicyKind,
    QoSProfile, ReliabilityPolicy)
from rclpy.qos_overriding_options import QoSOverridingOptions

from pose_machine_ros.ros.runtime.distributions import TopicEndpointInfo

RELIABILITIES = ('auto', 'best_effort', 'reliable')
_AUTO = 'auto'
_BEST_EFFORT, _RELIABLE = ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE
_VOLATILE, _TRANSIENT_LOCAL = DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL
_TURN = 5.0  # seconds for which publishers of one kind are matched


class AdaptiveSubscription:
    """Subscribes with KEEP_LAST 1; `update_qos` adapts it to publishers that come and go.

    `reliability` is one of RELIABILITIES; `auto` is that of the publishers. The durability is
    always that of the publishers, so that latched (transient local) messages arrive. The parameters
    `qos_overrides` set another history, depth or durability.

    A transient local subscription does not match volatile publishers. If publishers of both kinds
    exist and `prefers_latched` is true, the subscription alternates until the first message: it
    first matches the latched publishers only, then all publishers.
    """

    def __init__(self, node: Node, msg_type: type, topic: str, callback: Callable[[Any], None],
                 reliability: str = _AUTO, *, prefers_latched: bool = False) -> None:
        """Subscribe; rclpy raises ParameterException or RuntimeError for invalid overrides."""
        self._node = node
        self._msg_type = msg_type
        self.topic = topic
        self._callback = callback
        self._reliability = reliability
        self._prefers_latched = prefers_latched
        self._first_turn: float | None = None  # monotonic seconds
        self.durability_parameter = (
            f'qos_overrides.{node.resolve_topic_name(topic)}.subscription.durability')
        self._durability = self._declare_durability()
        self._subscribe(self._requested())

    @property
    def qos(self) -> QoSProfile:
        """Return the QoS of the present subscription, with overrides."""
        return self._subscription.qos_profile

    @property
    def accepts_transient_local(self) -> bool:
        """Whether the overrides allow latched messages to arrive."""
        return self._durability in (_AUTO, _TRANSIENT_LOCAL.name.lower())

    def publishers(self) -> list[TopicEndpointInfo]:
        """Return the publishers of this topic and type that are discovered."""
        return [p for p in self._node.get_publishers_info_by_topic(self.topic)
                if p.topic_type == self.type_name]

    @property
    def type_name(self) -> str:
        """Full name of the message type, as in the ROS graph."""
        return f'sensor_msgs/msg/{self._msg_type.__name__}'

    def matched_publishers(self) -> list[TopicEndpointInfo]:
        """Return the publishers whose QoS is compatible, so that their messages arrive."""
        return [p for p in self.publishers()
                if qos_check_compatible(p.qos_profile, self.qos)[0] != QoSCompatibility.ERROR]

    def update_qos(self) -> None:
        """Subscribe again if the publishers offer another QoS than before."""
        requested = self._requested()
        if requested != self._last_requested:
            self.close()
            self._subscribe(requested)

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _requested(self) -> tuple[ReliabilityPolicy, DurabilityPolicy]:
        offered = [p.qos_profile for p in self.publishers()]
        return requested_qos(self._offers_in_turn(offered), self._reliability, self._durability)

    def _offers_in_turn(self, offered: list[QoSProfile]) -> list[QoSProfile]:
        """Return the QoS of the publishers to match in the current turn."""
        latched = [q for q in offered if is_latched(q)]
        if not (self._prefers_latched and self.accepts_transient_local
                and 0 < len(latched) < len(offered)):
            self._first_turn = None
            return offered
        now = time.monotonic()
        if self._first_turn is None:
            self._first_turn = now
        return offered if int((now - self._first_turn) / _TURN) % 2 else latched

    def _receive(self, message: Any) -> None:
        self._prefers_latched = False
        self._callback(message)

    def _subscribe(self, requested: tuple[ReliabilityPolicy, DurabilityPolicy]) -> None:
        self._last_requested = requested
        # Without the reliability: an override would be permanent, and this one adapts.
        kinds = [QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH]
        if self._durability != _AUTO:
            kinds.append(QoSPolicyKind.DURABILITY)
        self._subscription = self._node.create_subscription(
            self._msg_type, self.topic, self._receive,
            QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1, reliability=requested[0],
                       durability=requested[1]),
            qos_overriding_options=QoSOverridingOptions(kinds))

    def _declare_durability(self) -> str:
        """Declare the override of the durability; return its value, `auto` by default.

        If rclpy declared it, the first durability would become its default and could not change.
        """
        name = self.durability_parameter
        if not self._node.has_parameter(name):
            self._node.declare_parameter(name, _AUTO, ParameterDescriptor(
                description='auto: durability of the publishers', read_only=True))
        return self._node.get_parameter(name).value


def is_latched(offered: QoSProfile) -> bool:
    """Return whether late subscribers get the last message of a publisher with this QoS."""
    return offered.reliability == _RELIABLE and offered.durability == _TRANSIENT_LOCAL


def requested_qos(offered: Sequence[QoSProfile], reliability: str, durability: str = _AUTO
                  ) -> tuple[ReliabilityPolicy, DurabilityPolicy]:
    """Return the strictest QoS that matches all publishers.

    `offered` is the QoS of all publishers, `reliability` one of RELIABILITIES, and `durability` the
    override, or `auto`. The result is reliable only if all publishers are reliable, and transient
    local only if all are transient local: others would not match. Latched messages arrive at
    reliable subscriptions only. So an override to transient local makes the subscription reliable,
    unless a publisher is best effort.
    """
    are_reliable = bool(offered) and all(q.reliability == _RELIABLE for q in offered)
    are_latched = are_reliable and all(is_latched(q) for q in offered)
    is_forced = durability == _TRANSIENT_LOCAL.name.lower()
    is_transient_local = is_forced or are_latched and reliability != 'best_effort'
    is_reliable = (reliability == 'reliable' or reliability == _AUTO and are_reliable
                   or is_forced and (are_reliable or not offered))
    return (_RELIABLE if is_reliable else _BEST_EFFORT,
            _TRANSIENT_LOCAL if is_transient_local else _VOLATILE)
