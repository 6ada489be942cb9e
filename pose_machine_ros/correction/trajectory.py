# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the past says about the newest frame: a fading-memory Kalman filter of the positions.

The state of a person is the joint Gaussian of the positions in the newest two frames. The
acceleration of every joint has zero mean, so both predict the next frame. The errors of
neighbouring frames are correlated, and the filter takes them for independent. So the covariance of
the past grows by a factor in every frame (Fagin 1964, Sorenson and Sacks 1971): the filter forgets,
and it does not become too confident.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from pose_machine_ros.correction.positive_definite import factorize
from pose_machine_ros.skeleton import HUMAN36M_17

SIZE = 3 * len(HUMAN36M_17)  # unknowns of a person in one frame
MEMORY = 5  # frames whose positions are kept
# Half the weights of the three covariances in that of the next frame, their weights in that of the
# newest frame with the next one, and the variance that the acceleration adds.
COEFFICIENTS = 7
_UNKNOWN = 100.0  # metres: standard deviation of a prediction from fewer than two frames
_SHORTEST_STEP = 1e-3  # seconds


class Trajectory(NamedTuple):
    """The newest frames of P people; all zero before the first one."""

    positions: Tensor  # (P, MEMORY, SIZE) metres, newest first
    # (P, 3, SIZE, SIZE) of the newest frame, of it (rows) with the one before, of the one before
    covariance: Tensor


class Prediction(NamedTuple):
    """Prediction of the next frame of P people."""

    mean: Tensor  # (P, SIZE)
    information: Tensor  # (P, SIZE, SIZE) inverse of its covariance
    with_newest: Tensor  # (P, SIZE, SIZE) covariance of the newest frame (rows) with the next one
    past: Tensor  # (P, 3, SIZE, SIZE) the covariance of the trajectory after fading


def motion_coefficients(steps: Sequence[float], acceleration_sigma: float) -> list[float]:
    """Return the COEFFICIENTS with which the newest frames predict the next one.

    `steps` are the seconds between the person's frames, newest first; the first one ends in the
    frame to predict. The mean acceleration over the last two steps has the standard deviation
    `acceleration_sigma`, m/s^2. With fewer than two steps nothing is known.
    """
    if len(steps) < 2:
        ratio, sigma = 0.0, _UNKNOWN
    else:
        after, before = (max(step, _SHORTEST_STEP) for step in steps[:2])
        ratio, sigma = after / before, after * (before + after) / 2 * acceleration_sigma
    newest, older = 1 + ratio, -ratio  # the next position is this combination of those two
    return [newest * newest / 2, newest * older, older * older / 2, newest, older, 0.0, sigma ** 2]


def predict(trajectory: Trajectory, coefficients: Tensor, fading: float) -> Prediction:
    """Predict the next frame with the coefficients (P, COEFFICIENTS) of `motion_coefficients`.

    `fading` is the factor by which the covariance of the past grows in a frame.
    """
    combinations, variance = coefficients.split((COEFFICIENTS - 1, 1), 1)
    combinations = combinations.unflatten(1, (2, 3))
    past = trajectory.covariance * fading
    half, with_newest = (combinations @ past.flatten(2)).view(-1, 2, SIZE, SIZE).unbind(1)
    covariance = half + half.mT
    covariance.diagonal(0, 1, 2).add_(variance)
    mean = combinations[:, 1:, :2] @ trajectory.positions[:, :2]
    return Prediction(mean[:, 0], factorize(covariance).inverse(), with_newest, past)


def update(trajectory: Trajectory, prediction: Prediction, newest: Tensor,
           covariance: Tensor) -> Trajectory:
    """Return the trajectory with `newest` (P, SIZE), whose covariance is (P, SIZE, SIZE).

    The frame before is corrected too, by what the newest frame says about it.
    """
    gain = prediction.with_newest @ prediction.information
    before = torch.baddbmm(trajectory.positions[:, 0, :, None], gain,
                           (newest - prediction.mean)[..., None])
    across = covariance @ gain.mT
    smaller = torch.baddbmm(prediction.past[:, 0], gain, across - prediction.with_newest.mT)
    return Trajectory(
        torch.cat((newest[:, None], before.mT, trajectory.positions[:, 1:-1]), 1),
        torch.stack((covariance, across, smaller), 1))


def append(trajectory: Trajectory, newest: Tensor) -> Trajectory:
    """Return the trajectory with `newest` (P, SIZE), of which nothing else is known."""
    return Trajectory(torch.cat((newest[:, None], trajectory.positions[:, :-1]), 1),
                      torch.zeros_like(trajectory.covariance))


class SlopeFit(NamedTuple):
    """What the ages of the positions tell about the error of the slope of a line through them."""

    noise: float  # 1/s^2, sum of the squared weights; 0 for a single frame
    age: float  # seconds since the mean time of the positions


def slope_fit(ages: list[float]) -> SlopeFit:
    """Return the figures of the slope whose weights are `slope_weights` of the same ages."""
    weights = slope_weights(ages)
    return SlopeFit(sum(w * w for w in weights), sum(ages[:MEMORY]) / len(ages[:MEMORY]))


def slope_weights(ages: list[float]) -> list[float]:
    """Return the MEMORY weights whose sum with the positions is the velocity, m/s.

    `ages` are the seconds since each of the newest frames, newest first. The velocity is the slope
    of a line through them, zero for a single frame.
    """
    ages = ages[:MEMORY]
    mean = sum(ages) / len(ages)
    total = sum((age - mean) ** 2 for age in ages)
    weights = [(mean - age) / total if total else 0.0 for age in ages]
    return weights + [0.0] * (MEMORY - len(ages))
