# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Configuration of Fast DDS for large images; for launch files."""

from __future__ import annotations

import os
from pathlib import Path

from pose_machine_ros.ros.runtime.distributions import profile_variable, PROFILE_VARIABLES


def profile_environment(config: Path) -> dict[str, str]:
    """Return environment variables that select a Fast DDS profile with room for large images.

    `config` is the folder with fastdds.xml. Empty if the user has set a profile.
    """
    if any(variable in os.environ for variable in PROFILE_VARIABLES):
        return {}
    return {profile_variable(): str(config / 'fastdds.xml')}
