# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether several nodes publish a topic that one camera should have to itself."""

from __future__ import annotations

from collections.abc import Sequence
import re

from pose_machine_ros.ros.runtime.distributions import TopicEndpointInfo

_SECOND_LOOK = 0.5  # seconds
# Seconds that a publisher may stay in the graph after its process was killed. Fast DDS keeps it for
# 20 s, and a camera that was restarted is there twice until then.
_LEASE = 30.0
# Numbers, decimal or hexadecimal, at the end of a name: those of a process where a name is made up
# anew at every start.
_NUMBERS = re.compile(r'(_?\d+|_[0-9a-f]{4,})+$')
_UNKNOWN = '_NODE_NAME_UNKNOWN_'  # rcl's name for a node that is not, or not yet, known


class PublisherWatch:
    """Keeps in mind since when the publishers of a topic are there.

    It counts those in the graph rather than those whose messages arrive: rclpy tells who sent a
    message in recent distributions only, and not by the name of a node.
    """

    def __init__(self) -> None:
        self._since: dict[bytes, float] = {}  # by the publisher's gid

    def look(self, publishers: Sequence[TopicEndpointInfo], now: float) -> tuple[str, ...]:
        """Return the full names of the nodes that share the topic; none where one has it alone.

        `now` in seconds of any steady clock. Nodes of different names share it once they are seen
        a second time; publishers of the same name, of names that differ only in the numbers at
        their end, or of no known name, once they all are there for longer than a killed one stays.
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
    """Return the name of the node that publishes, with its namespace."""
    if publisher.node_name == _UNKNOWN:
        return 'a node of unknown name'
    return f'{publisher.node_namespace.rstrip("/")}/{publisher.node_name}'
