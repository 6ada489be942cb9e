# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The field of view that is assumed for cameras without a calibration."""

from __future__ import annotations

import math

from pose_machine_ros.errors import InputError

DEFAULT_FOV = math.radians(55)  # radians over the longer side of the image
_LIMITS = (math.radians(1), math.radians(179))


def check_fov(fov: float) -> None:
    """Raise InputError unless `fov`, radians, is between 1 and 179 degrees."""
    if not _LIMITS[0] < fov < _LIMITS[1]:
        raise InputError(f'field of view {in_words(fov)} is not between 1 and 179 degrees')


def in_words(fov: float) -> str:
    """Return an angle in radians as text: '0.96 rad (55 degrees)'."""
    return f'{fov:.3g} rad ({math.degrees(fov):.4g} degrees)'
