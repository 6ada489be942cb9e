# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What differs between the ROS 2 distributions from Humble to Rolling; no other module knows.

Nothing here imports ROS until it is called, so launch files and the demo can use it too.
"""

from __future__ import annotations

from collections.abc import Callable
import importlib
import os
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rclpy.qos import QoSProfile

# Fast DDS reads the second one in Humble and Iron, and warns of it in later distributions.
PROFILE_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')


class TopicEndpointInfo(Protocol):
    """What the graph tells of a publisher or a subscription.

    Its class is in rclpy.topic_endpoint_info up to Kilted, and in rclpy.endpoint_info of Rolling.
    """

    node_name: str
    node_namespace: str
    topic_type: str
    endpoint_gid: list[int]
    qos_profile: QoSProfile


def current_distribution() -> str:
    """Return the name of the sourced distribution; empty for ROS 2 from Python wheels."""
    return os.environ.get('ROS_DISTRO', '')


def publisher_event_callbacks(
        import_module: Callable[[str], ModuleType] = importlib.import_module) -> type:
    """Return rclpy's class PublisherEventCallbacks.

    `import_module` imports a module by its full name.
    """
    try:
        module = import_module('rclpy.event_handler')
    except ModuleNotFoundError as error:
        if error.name != 'rclpy.event_handler':
            raise
        module = import_module('rclpy.qos_event')  # Humble; later distributions deprecate it
    return module.PublisherEventCallbacks


def profile_variable(distribution: str | None = None) -> str:
    """Return the environment variable that names Fast DDS's file of profiles.

    `distribution`: the sourced one where it is not given.
    """
    name = current_distribution() if distribution is None else distribution
    return PROFILE_VARIABLES[name in ('humble', 'iron')]


def local_discovery(distribution: str | None = None) -> dict[str, str]:
    """Return the environment that lets processes find those of this machine alone.

    `distribution`: the sourced one where it is not given.
    """
    name = current_distribution() if distribution is None else distribution
    if name == 'humble':
        return {'ROS_LOCALHOST_ONLY': '1'}
    return {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
