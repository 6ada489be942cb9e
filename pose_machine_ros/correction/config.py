# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the corrections; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.settings import check, setting


@dataclass(frozen=True)
class GeometricConfig:
    """Standard deviations of the residuals, and the settings of the solver."""

    fading: float = setting(
        1.65, 'geometric: factor by which the covariance of the earlier frames grows in a frame. A '
        'lower value gives smoother motion and trusts the past more', bounds=(1.0, 1000.0))
    steps: int = setting(2, 'geometric: Gauss-Newton steps per frame', bounds=(1, 50))
    keypoint_sigma: float = setting(
        0.04, 'geometric: standard deviation of a keypoint with score 1, relative to the apparent '
        'size of the person', bounds=(1e-4, 1.0))
    robust_scale: float = setting(
        2.5, 'geometric: number of standard deviations beyond which a keypoint loses influence',
        bounds=(0.1, 100.0))
    prior_inflation: float = setting(
        1.0, 'geometric: factor on the standard deviation that the lifter predicts',
        bounds=(0.01, 100.0))
    bone_sigma: float = setting(
        0.05, 'geometric: standard deviation of bone lengths', unit='m', bounds=(1e-4, 1.0))
    acceleration_sigma: float = setting(
        12.0, 'geometric: standard deviation of the acceleration of a joint. A lower value gives '
        'smoother motion', unit='m/s^2', bounds=(0.1, 1000.0))
    damping: float = setting(
        1e-3, 'geometric: damping of the Gauss-Newton steps', bounds=(1e-9, 1.0))

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class PaperConfig:
    """Optimisation of the refine layers for every frame."""

    updates: int = setting(2, 'paper: Adam steps per frame', bounds=(0, 100))
    learning_rate: float = setting(
        1.5e-4, 'paper: learning rate of Adam', bounds=(1e-7, 0.1))
    tolerance: float = setting(
        0.005, 'paper: stop when a step moves the trunk less than this', unit='m',
        bounds=(0.0, 1.0))
    max_change: float = setting(
        0.02, 'paper: discard a correction that moves the trunk more than this', unit='m',
        bounds=(0.0, 1.0))

    def __post_init__(self) -> None:
        check(self)
