# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The content of a capture file: one recording of one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RawCapture:
    """F frames of named points; right-handed, y up, in the length unit of the file."""

    points: dict[str, np.ndarray]  # (F, 3)
    rotations: dict[str, np.ndarray]  # (F, 3, 3) of the body part at each point, from rest
    fps: float
