# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What became of the depth images of an interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DepthSummary:
    """Depth since the last summary."""

    received: int
    frames: int  # colour images
    matched: int  # of them with a depth image
    share: float  # mean share of the people's joints with a depth; NaN if unknown
    problems: tuple[str, ...]
