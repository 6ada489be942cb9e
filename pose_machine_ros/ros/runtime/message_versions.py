# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publishers whose messages have another definition than here, which DDS does not connect."""

from __future__ import annotations

from rclpy.node import Node


def publishers_of_another_version(node: Node, topic: str) -> list[str]:
    """Return the full names of nodes that publish a topic of this name and type, differently.

    `node` is subscribed to it. A type's hash changes with its definition and with those of the
    types that it contains. Publisher and subscriber with different hashes do not get connected, and
    neither of them is told.
    """
    own = {(i.topic_type, str(i.topic_type_hash))
           for i in node.get_subscriptions_info_by_topic(topic)
           if (i.node_name, i.node_namespace) == (node.get_name(), node.get_namespace())}
    types = {name for name, _ in own}
    return sorted({
        f'{i.node_namespace.rstrip("/")}/{i.node_name}'
        for i in node.get_publishers_info_by_topic(topic)
        if i.topic_type in types and (i.topic_type, str(i.topic_type_hash)) not in own})
