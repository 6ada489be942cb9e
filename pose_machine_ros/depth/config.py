# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of measured depth; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.settings import check, setting


@dataclass(frozen=True)
class DepthConfig:
    """Errors of the depth camera."""

    noise: float = setting(
        0.003, 'Standard deviation of the measured depth at a distance of 1 m. It grows with the '
        'square of the distance, as that of a stereo camera does', unit='m', bounds=(1e-4, 0.2))
    max_distance: float = setting(
        8.0, 'Depth beyond this distance is not used', unit='m', bounds=(0.5, 100.0))

    def __post_init__(self) -> None:
        check(self)
