# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A ROS domain for processes that are nobody else's business."""

from __future__ import annotations

import os
from pathlib import Path
import random
import socket

from pose_machine_ros.errors import InputError
from pose_machine_ros.install_prefixes import install_prefixes
from pose_machine_ros.ros.runtime.distributions import local_discovery, profile_variable

_DISCOVERY_PORT = 7410  # UDP port of the first participant in DDS domain 0 ...
_DOMAIN_PORTS = 250  # ... and the distance to the next domain's


def private_environment() -> dict[str, str]:
    """Return an environment for node processes.

    It has a ROS domain of its own, a transport that carries images, and threads that don't spin.
    """
    profiles = [Path(__file__).parents[2] / 'config' / 'fastdds.xml',
                *(p / 'share' / 'pose_machine_ros' / 'config' / 'fastdds.xml'
                  for p in install_prefixes())]
    profile = next(p for p in profiles if p.is_file())
    return {'OMP_WAIT_POLICY': 'PASSIVE', **os.environ, 'ROS_DOMAIN_ID': str(_free_domain()),
            **local_discovery(), 'PYTHONUNBUFFERED': '1', profile_variable(): str(profile)}


def _free_domain() -> int:
    """Return a ROS domain in which no process of this machine takes part."""
    for domain in random.sample(range(1, 101), 100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(('', _DISCOVERY_PORT + _DOMAIN_PORTS * domain))
            except OSError:
                continue
        return domain
    raise InputError('all ROS domains from 1 to 100 are in use; end some ROS processes')
