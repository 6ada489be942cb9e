# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What became of the depth images of an interval."""

from __future__ import annotations

from dataclasses import dataclass
import math


@dataclass(frozen=True)
class DepthSummary:
    """Depth since the last summary."""

    received: int = 0
    frames: int = 0  # colour images
    matched: int = 0  # of them with a depth image
    share: float = math.nan  # mean share of the people's joints with a depth; NaN if unknown
    problems: tuple[str, ...] = ()

    @property
    def matched_percent(self) -> float:
        """Return the percentage of the colour images with a depth image; NaN without images."""
        return 100 * self.matched / self.frames if self.frames else math.nan
