# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the fusion."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.settings import check, setting


@dataclass(frozen=True)
class FusionConfig:
    """Standard deviations of the residuals, and when a person is given up."""

    keypoint_sigma: float = setting(
        0.04, 'Standard deviation of a keypoint with score 1, at the distance of the person',
        unit='m', bounds=(1e-3, 1.0))
    max_age: float = setting(
        1.0, 'Time after which a person whom no camera sees is given up', unit='s',
        bounds=(0.0, 60.0))

    def __post_init__(self) -> None:
        check(self)
