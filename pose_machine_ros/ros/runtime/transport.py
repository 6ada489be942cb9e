# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The Fast DDS profile that lets nodes exchange images; for launch files."""

from __future__ import annotations

import os
from pathlib import Path

from pose_machine_ros.ros.runtime.distributions import profile_variable, PROFILE_VARIABLES


def profile_environment(config: Path) -> dict[str, str]:
    """Return the environment variables that give a node the profile in config/fastdds.xml.

    `config` is the folder of that file. Returns nothing if the user has set another profile.
    """
    if any(variable in os.environ for variable in PROFILE_VARIABLES):
        return {}
    return {profile_variable(): str(config / 'fastdds.xml')}
