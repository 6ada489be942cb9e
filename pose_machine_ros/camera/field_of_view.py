# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The field of view that is assumed for cameras without a calibration."""

from __future__ import annotations

import math

from pose_machine_ros.errors import InputError
from pose_machine_ros.settings import Setting

FOV = Setting(
    math.radians(55), 'Field of view over the longer side of the image, used for a camera that is '
    'not calibrated', unit='rad', bounds=(0.05, 3.0))
DEFAULT_FOV = FOV.default


def check_fov(fov: float) -> None:
    """Raise InputError unless `fov`, radians, is within the bounds of `FOV`."""
    low, high = FOV.bounds
    if not low <= fov <= high:
        raise InputError(f'field of view {in_words(fov)} is not between {in_words(low)} and '
                         f'{in_words(high)}')


def in_words(fov: float) -> str:
    """Return an angle in radians as text: '0.96 rad (55 degrees)'."""
    return f'{fov:.3g} rad ({math.degrees(fov):.4g} degrees)'
