# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What differs between the ROS 2 distributions from Humble to Rolling; no other module knows.

Nothing here imports ROS until it is called, so launch files and the demo can use it too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
import importlib
from importlib import metadata
import os
from types import ModuleType
from typing import Protocol, TYPE_CHECKING

if TYPE_CHECKING:
    from rclpy.qos import QoSProfile

# Fast DDS 3, of Kilted and later, reads the first one; Fast DDS 2 reads the second one alone.
PROFILE_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')
_WITH_FAST_DDS_2 = ('humble', 'iron', 'jazzy')
_OF_WHEELS = ('jazzy', 'kilted')
PARAMETERS_OF_EVERY_NODE = ('use_sim_time', 'start_type_description_service', 'qos_overrides')


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
    """Return the name of the distribution: the sourced one, or that of the Python wheels.

    Empty if there is neither.
    """
    if sourced := os.environ.get('ROS_DISTRO'):
        return sourced
    return next((name for name in _OF_WHEELS if _is_installed(f'ros-{name}-rclpy')), '')


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
    new, old = PROFILE_VARIABLES
    return old if name in _WITH_FAST_DDS_2 else new


def local_discovery(distribution: str | None = None) -> dict[str, str]:
    """Return the environment that lets processes find those of this machine alone.

    `distribution`: the sourced one where it is not given.
    """
    name = current_distribution() if distribution is None else distribution
    if name == 'humble':
        return {'ROS_LOCALHOST_ONLY': '1'}
    return {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}


def given_parameters(node: object) -> Collection[str]:
    """Return the names of the parameters that were given to an rclpy node at its start.

    rclpy keeps them in an attribute of its own, in every distribution from Humble to Rolling; from
    one that does not, nothing is returned.
    """
    return getattr(node, '_parameter_overrides', {})


def _is_installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True
