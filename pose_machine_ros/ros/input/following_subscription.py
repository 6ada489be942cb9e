# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A subscription whose QoS follows that of its publishers."""

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
_TURN = 5.0  # seconds that publishers of one kind are listened to


class FollowingSubscription:
    """Keeps the newest message of a topic; call `follow` now and then.

    `reliability` is one of RELIABILITIES; `auto` follows the publishers, as does the durability:
    what they keep for those who come later is received where `wanted_qos` allows it. Users set
    another history, depth or durability by the parameters `qos_overrides`.

    Where only some publishers keep their message, none can be asked for it without the others
    falling silent. With `seeks_kept` they take turns until the first message: those who keep one
    begin, then all are listened to.
    """

    def __init__(self, node: Node, kind: type, topic: str, callback: Callable[[Any], None],
                 reliability: str = _AUTO, *, seeks_kept: bool = False) -> None:
        """Subscribe; rclpy raises for overrides that can't be used."""
        self._node = node
        self.kind = kind
        self.topic = topic
        self._callback = callback
        self._reliability = reliability
        self._seeks_kept = seeks_kept
        self._seeking_since: float | None = None  # monotonic seconds; of the first turn
        self.durability_parameter = (
            f'qos_overrides.{node.resolve_topic_name(topic)}.subscription.durability')
        self._durability = self._declare_durability()
        self._subscribe(self._wanted())

    @property
    def qos(self) -> QoSProfile:
        """Return the QoS of the current subscription."""
        return self._subscription.qos_profile

    @property
    def takes_kept(self) -> bool:
        """Whether the user's overrides allow it to receive what publishers keep."""
        return self._durability in (_AUTO, _TRANSIENT_LOCAL.name.lower())

    def publishers(self) -> list[TopicEndpointInfo]:
        """Return the publishers of this topic and type, as far as the graph knows them."""
        return [p for p in self._node.get_publishers_info_by_topic(self.topic)
                if p.topic_type == self.type_name]

    @property
    def type_name(self) -> str:
        """Return the type of the messages as the ROS graph names it."""
        return f'sensor_msgs/msg/{self.kind.__name__}'

    def heard_publishers(self) -> list[TopicEndpointInfo]:
        """Return those of the publishers whose QoS fits, so that their messages arrive."""
        return [p for p in self.publishers()
                if qos_check_compatible(p.qos_profile, self.qos)[0] != QoSCompatibility.ERROR]

    def follow(self) -> None:
        """Subscribe anew where the publishers offer something else than before."""
        wanted = self._wanted()
        if wanted != self._asked:
            self.close()
            self._subscribe(wanted)

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _wanted(self) -> tuple[ReliabilityPolicy, DurabilityPolicy]:
        offered = [p.qos_profile for p in self.publishers()]
        return wanted_qos(self._whose_turn(offered), self._reliability, self._durability)

    def _whose_turn(self, offered: list[QoSProfile]) -> list[QoSProfile]:
        """Return what those publishers offer that are listened to at present."""
        kept = [q for q in offered if keeps(q)]
        if not (self._seeks_kept and self.takes_kept and 0 < len(kept) < len(offered)):
            self._seeking_since = None
            return offered
        now = time.monotonic()
        if self._seeking_since is None:
            self._seeking_since = now
        return offered if int((now - self._seeking_since) / _TURN) % 2 else kept

    def _receive(self, message: Any) -> None:
        self._seeks_kept = False
        self._callback(message)

    def _subscribe(self, wanted: tuple[ReliabilityPolicy, DurabilityPolicy]) -> None:
        self._asked = wanted
        # Reliability is not among them: it follows the publishers, and an override is for good.
        kinds = [QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH]
        if self._durability != _AUTO:
            kinds.append(QoSPolicyKind.DURABILITY)
        self._subscription = self._node.create_subscription(
            self.kind, self.topic, self._receive,
            QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1, reliability=wanted[0],
                       durability=wanted[1]),
            qos_overriding_options=QoSOverridingOptions(kinds))

    def _declare_durability(self) -> str:
        """Return the durability that the user sets, or `auto`.

        rclpy would declare this parameter with the first durability, and so hold on to that.
        """
        name = self.durability_parameter
        if not self._node.has_parameter(name):
            self._node.declare_parameter(name, _AUTO, ParameterDescriptor(
                description='auto follows the publishers', read_only=True))
        return self._node.get_parameter(name).value


def keeps(offered: QoSProfile) -> bool:
    """Tell whether a publisher keeps its message for those who come later, and can send it."""
    return offered.reliability == _RELIABLE and offered.durability == _TRANSIENT_LOCAL


def wanted_qos(offered: Sequence[QoSProfile], reliability: str, durability: str = _AUTO
               ) -> tuple[ReliabilityPolicy, DurabilityPolicy]:
    """Return the QoS to subscribe with, given what all publishers offer.

    `reliability` is one of RELIABILITIES, `durability` what the user sets, or `auto`. It is
    reliable, or transient local, only where all publishers are: one that is not would not match.
    Only reliable subscriptions get what transient local publishers keep, so one that the user wants
    to be transient local is reliable, unless a publisher is best effort.
    """
    are_reliable = bool(offered) and all(q.reliability == _RELIABLE for q in offered)
    are_latched = are_reliable and all(keeps(q) for q in offered)
    is_forced = durability == _TRANSIENT_LOCAL.name.lower()
    is_latched = is_forced or are_latched and reliability != 'best_effort'
    is_reliable = (reliability == 'reliable' or reliability == _AUTO and are_reliable
                   or is_forced and (are_reliable or not offered))
    return (_RELIABLE if is_reliable else _BEST_EFFORT,
            _TRANSIENT_LOCAL if is_latched else _VOLATILE)
