# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several topics opened together, with QoS that users may have overridden."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rclpy.exceptions import ParameterException
from rclpy.node import Node

from pose_machine_ros.errors import InputError


@contextmanager
def all_or_none(node: Node) -> Iterator[None]:
    """Destroy the publishers and subscriptions made within, where making one of them fails.

    Raises InputError then: that is how rclpy takes an override that can't be used.
    """
    before = {*node.publishers, *node.subscriptions}
    try:
        yield
    except (ParameterException, RuntimeError) as error:
        for publisher in set(node.publishers) - before:
            node.destroy_publisher(publisher)
        for subscription in set(node.subscriptions) - before:
            node.destroy_subscription(subscription)
        raise InputError(f'a topic can not be opened ({error}); look at the parameters '
                         'qos_overrides.* of this node, and start it anew') from error
