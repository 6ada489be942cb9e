# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""An environment with a private ROS domain, for processes that communicate only with each other."""

from __future__ import annotations

import os
from pathlib import Path
import random
import socket

from pose_machine_ros.errors import InputError
from pose_machine_ros.install_prefixes import shared_paths
from pose_machine_ros.ros.runtime.distributions import local_discovery, profile_variable

_SOURCE_CHECKOUT = Path(__file__).parents[2]
_PROFILE = 'config/fastdds.xml'
_DISCOVERY_PORT = 7410  # UDP port of the first participant in DDS domain 0 ...
_DOMAIN_PORTS = 250  # ... and the distance to the next domain's
_DOMAINS = range(1, 101)


def private_environment() -> dict[str, str]:
    """Return the environment variables of node processes that form a group.

    They have a ROS domain that no other process of this machine uses, a DDS transport for images,
    and threads that do not spin. Raises InputError if there is no such domain or no DDS profile.
    """
    return {'OMP_WAIT_POLICY': 'PASSIVE', **os.environ, 'ROS_DOMAIN_ID': str(_free_domain()),
            **local_discovery(), 'PYTHONUNBUFFERED': '1', profile_variable(): str(_dds_profile())}


def _dds_profile() -> Path:
    """Return config/fastdds.xml of the source checkout, else the installed one."""
    paths = [_SOURCE_CHECKOUT / _PROFILE, *shared_paths('pose_machine_ros', _PROFILE)]
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        raise InputError(f'there is no {_PROFILE} in {", ".join(map(str, paths))}; reinstall '
                         'pose_machine_ros (pip install --force-reinstall, or colcon build)')
    return found


def _free_domain() -> int:
    """Return a ROS domain in which no process of this machine takes part."""
    for domain in random.sample(_DOMAINS, len(_DOMAINS)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(('', _DISCOVERY_PORT + _DOMAIN_PORTS * domain))
            except OSError:
                continue
        return domain
    raise InputError(f'all ROS domains from {_DOMAINS[0]} to {_DOMAINS[-1]} are in use; end some '
                     'ROS processes')
