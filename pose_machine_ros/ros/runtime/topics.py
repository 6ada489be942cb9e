# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publishers and subscriptions that are created together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rclpy.exceptions import ParameterException
from rclpy.node import Node

from pose_machine_ros.errors import InputError


@contextmanager
def destroy_on_failure(node: Node) -> Iterator[None]:
    """Destroy the publishers and subscriptions created in the block if it fails.

    Raises InputError instead of the ParameterException or RuntimeError that rclpy raises for an
    invalid QoS override.
    """
    before = {*node.publishers, *node.subscriptions}
    try:
        yield
    except (ParameterException, RuntimeError) as error:
        for publisher in set(node.publishers) - before:
            node.destroy_publisher(publisher)
        for subscription in set(node.subscriptions) - before:
            node.destroy_subscription(subscription)
        raise InputError(f'a publisher or subscription cannot be created ({error}); check the '
                         'parameters qos_overrides.* of this node, and restart it') from error
