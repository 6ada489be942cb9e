# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Arguments that the launch files share, and what they mean for a node."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pose_machine_ros.ros.runtime.transport import profile_environment

BOOLEANS = ('true', 'True', 'false', 'False')
RESPAWN_DELAY = 2.0  # seconds

# Name, default, description
NODE_ARGUMENTS = (
    ('use_sim_time', 'false',
     'true = take the time from /clock (simulation, bags); false = as in params_file'),
    ('log_level', 'info', 'debug, info, warn, error or fatal; NAME:=LEVEL for one logger'),
    ('respawn', 'false', 'true = start the node again when it ends, unless the launch is stopped'),
)
NODE_CHOICES = {'use_sim_time': BOOLEANS, 'respawn': BOOLEANS}


def is_true(text: str) -> bool:
    """Return whether a boolean launch argument is true."""
    return text.lower() == 'true'


def depth_remappings(depth: str) -> list[tuple[str, str]]:
    """Return the remappings of a pose node for a topic of depth images, camera_info beside them."""
    folder, slash, _ = depth.rpartition('/')
    return [('depth', depth), ('depth/camera_info', f'{folder}{slash}camera_info')]


def node_settings(given: Mapping[str, str], config: Path) -> dict[str, Any]:
    """Return the keyword arguments of launch_ros's Node that every node of this package gets.

    `given` are the values of all launch arguments, `config` is the folder of fastdds.xml.
    """
    return {'output': 'screen', 'ros_arguments': ['--log-level', given['log_level']],
            'additional_env': profile_environment(config)}


def respawn_settings(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the keyword arguments of launch_ros's Node for a node that may be respawned."""
    return {'respawn': is_true(given['respawn']), 'respawn_delay': RESPAWN_DELAY}


def clock_parameters(given: Mapping[str, str]) -> dict[str, bool]:
    """Return the parameters that the argument `use_sim_time` overrides."""
    return {'use_sim_time': True} if is_true(given['use_sim_time']) else {}
