# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Differences between the ROS 2 distributions from Humble to Rolling, all in this module.

The module imports ROS only inside functions, so launch files and the demo can use it too.
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

# Fast DDS 3 (Kilted and later) reads the first one, Fast DDS 2 only the second one.
PROFILE_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')
_WITH_FAST_DDS_2 = ('humble', 'iron', 'jazzy')
_OF_WHEELS = ('jazzy', 'kilted')
BUILTIN_PARAMETERS = ('use_sim_time', 'start_type_description_service', 'qos_overrides')


class TopicEndpointInfo(Protocol):
    """A publisher or a subscription in the ROS graph.

    rclpy has the class in topic_endpoint_info up to Kilted, and in endpoint_info in Rolling.
    """

    node_name: str
    node_namespace: str
    topic_type: str
    endpoint_gid: list[int]
    qos_profile: QoSProfile


def current_distribution() -> str:
    """Return the name of the sourced distribution, or else that of the Python wheels.

    Empty if there is neither.
    """
    if sourced := os.environ.get('ROS_DISTRO'):
        return sourced
    return next((name for name in _OF_WHEELS if _is_installed(f'ros-{name}-rclpy')), '')


def publisher_event_callbacks(
        import_module: Callable[[str], ModuleType] = importlib.import_module) -> type:
    """Return the class PublisherEventCallbacks of rclpy.

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
    """Return the environment variable for the path of the XML profiles of Fast DDS.

    `distribution` is the current one by default.
    """
    name = current_distribution() if distribution is None else distribution
    new, old = PROFILE_VARIABLES
    return old if name in _WITH_FAST_DDS_2 else new


def local_discovery(distribution: str | None = None) -> dict[str, str]:
    """Return the environment variables that limit discovery to this machine.

    `distribution` is the current one by default.
    """
    name = current_distribution() if distribution is None else distribution
    if name == 'humble':
        return {'ROS_LOCALHOST_ONLY': '1'}
    return {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}


def parameter_overrides_of(node: object) -> Collection[str]:
    """Return the names of the parameters that an rclpy node was started with.

    rclpy keeps them in a private attribute, in every distribution from Humble to Rolling. The
    result is empty if a later one does not.
    """
    return getattr(node, '_parameter_overrides', {})


def _is_installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True
