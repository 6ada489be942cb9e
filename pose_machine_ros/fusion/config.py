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
        0.03, 'Standard deviation of a keypoint with score 1, at the distance of the person',
        unit='m', bounds=(1e-3, 1.0))
    robust_scale: float = setting(
        3.0, 'Number of standard deviations beyond which a keypoint loses influence',
        bounds=(0.1, 100.0))
    prior_inflation: float = setting(
        1.2, 'Factor on the standard deviations of the poses of the single cameras',
        bounds=(0.01, 100.0))
    bone_sigma: float = setting(
        0.03, 'Standard deviation of bone lengths', unit='m', bounds=(1e-4, 1.0))
    acceleration_sigma: float = setting(
        30.0, 'Standard deviation of the acceleration of a joint. A lower value gives smoother '
        'motion', unit='m/s^2', bounds=(0.1, 1000.0))
    memory: float = setting(
        0.04, 'Time in which the weight of earlier views falls to 1 / e. A higher value gives '
        'smoother motion and trusts the past more', unit='s', bounds=(1e-3, 10.0))
    steps: int = setting(2, 'Gauss-Newton steps in a round', bounds=(1, 50))
    max_age: float = setting(
        1.0, 'Time after which a person whom no camera sees is given up', unit='s',
        bounds=(0.0, 60.0))

    def __post_init__(self) -> None:
        check(self)
