# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Detection of several nodes that publish the images of one topic."""

from __future__ import annotations

from collections.abc import Sequence
import re

from pose_machine_ros.ros.runtime.distributions import TopicEndpointInfo

_SECOND_LOOK = 0.5  # seconds
# Seconds for which a publisher may stay in the graph after its process was killed. Fast DDS keeps
# it for 20 s; a camera that was restarted is in the graph twice until then.
_LEASE = 30.0
# Decimal or hexadecimal numbers at the end of a name. Some drivers get a new one at every start,
# for instance from the process id.
_NUMBERS = re.compile(r'(_?\d+|_[0-9a-f]{4,})+$')
_UNKNOWN = '_NODE_NAME_UNKNOWN_'  # rcl's name for a node that is not discovered, or not yet


class PublisherWatch:
    """Remembers since when each publisher of a topic is in the ROS graph.

    It uses the graph rather than the received messages: rclpy has the sender of a message in recent
    distributions only, and as a gid instead of a node name.
    """

    def __init__(self) -> None:
        self._since: dict[bytes, float] = {}  # by the publisher's gid

    def update(self, publishers: Sequence[TopicEndpointInfo], now: float) -> tuple[str, ...]:
        """Return the full names of the nodes that publish the topic; empty if there is only one.

        `now` in seconds of any steady clock. Nodes with different names count when they are seen a
        second time. Publishers of the same name, of names that differ in their last numbers only,
        or of unknown name count when they have been in the graph for longer than a killed one
        stays there.
        """
        gids = [bytes(p.endpoint_gid) for p in publishers]
        self._since = {gid: self._since.get(gid, now) for gid in gids}
        ages = [now - self._since[gid] for gid in gids]
        seen_twice = {full_name(p) for p, age in zip(publishers, ages)
                      if age >= _SECOND_LOOK and p.node_name != _UNKNOWN}
        if len({_NUMBERS.sub('', name) for name in seen_twice}) > 1:
            return tuple(sorted(seen_twice))
        lasting = sorted(full_name(p) for p, age in zip(publishers, ages) if age > _LEASE)
        return tuple(lasting) if len(lasting) > 1 else ()


def full_name(publisher: TopicEndpointInfo) -> str:
    """Return the fully qualified name of the publishing node."""
    if publisher.node_name == _UNKNOWN:
        return 'a node of unknown name'
    return f'{publisher.node_namespace.rstrip("/")}/{publisher.node_name}'
