# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One recording of one person, as a capture file gives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recording:
    """F frames of named points; right-handed, y up, metres unless the file has other units."""

    points: dict[str, np.ndarray]  # (F, 3)
    turns: dict[str, np.ndarray]  # (F, 3, 3), how the part that ends in that point is turned
    fps: float
