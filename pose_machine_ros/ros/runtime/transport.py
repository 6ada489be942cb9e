# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How Fast DDS is told to carry images; for launch files."""

from __future__ import annotations

import os
from pathlib import Path

from pose_machine_ros.ros.runtime.distributions import profile_variable, PROFILE_VARIABLES


def profile_environment(config: Path) -> dict[str, str]:
    """Return the variables to set so that images are not lost on their way.

    `config` is the folder with fastdds.xml. None where the user has set a profile of their own.
    """
    if any(variable in os.environ for variable in PROFILE_VARIABLES):
        return {}
    return {profile_variable(): str(config / 'fastdds.xml')}
