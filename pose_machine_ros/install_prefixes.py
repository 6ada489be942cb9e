# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where packages are installed: by pip, by colcon, or with an installed ROS."""

from __future__ import annotations

import os
from pathlib import Path
import sys


def install_prefixes() -> list[Path]:
    """Return the folders that may hold a `share` folder, nearest first."""
    sourced = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    return [Path(p) for p in (sys.prefix, *sourced) if p]


def shared_paths(package: str, name: str) -> list[Path]:
    """Return where a file or folder `name` of a package may be installed, nearest prefix first."""
    return [prefix / 'share' / package / name for prefix in install_prefixes()]
