# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How Fast DDS is told to carry images; for launch files."""

from __future__ import annotations

import os
from pathlib import Path

# Fast DDS reads the second one in Humble and Iron, and warns of it in later distributions.
_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')


def profile_environment(config: Path) -> dict[str, str]:
    """Return the variables to set so that images are not lost on their way.

    `config` is the folder with fastdds.xml. None where the user has set a profile of their own.
    """
    if any(variable in os.environ for variable in _VARIABLES):
        return {}
    return {_VARIABLES[os.environ.get('ROS_DISTRO') in ('humble', 'iron')]:
            str(config / 'fastdds.xml')}
