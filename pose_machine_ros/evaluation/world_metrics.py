# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of skeletons in the world frame, with and without centring them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pose_machine_ros.evaluation import metrics
from pose_machine_ros.evaluation.report import number, with_interval


@dataclass(frozen=True)
class WorldPrediction:
    """One person by round, in the world; NaN where there is no result."""

    positions: np.ndarray  # (T, 17, 3) HUMAN36M_17, metres
    covariance: np.ndarray | None = None  # (T, 17, 3, 3), square metres
    people: Sequence[int] | None = None  # (T,) number of skeletons in the round, of all people
    ids: int | None = None  # number of ids that the person had


@dataclass(frozen=True)
class WorldTruth:
    """The true joints of one person by round, in the world."""

    joints: np.ndarray  # (T, J, 3), metres; NaN where unknown
    indices: list[int]  # in HUMAN36M_17, of the J joints
    origin: list[int]  # of the J joints: those whose mean is the origin of a pose
    stamps_ns: np.ndarray  # (T,) int64


COLUMNS = {
    'MPJPE mm': lambda f: with_interval(f, 'mpjpe_mm'),
    'PA-MPJPE mm': lambda f: with_interval(f, 'pa_mpjpe_mm'),
    'absolute mm': lambda f: number(f, 'absolute_mm', 1),
    'accel': lambda f: number(f, 'accel_error_mm', 1),
    'in 1 sigma %': lambda f: number(f, 'within_1_sigma_pct', 0),
    'in 2 sigma %': lambda f: number(f, 'within_2_sigma_pct', 0),
    'found %': lambda f: number(f, 'found_pct', 1),
    'people': lambda f: number(f, 'people', 2),
    'ids': lambda f: number(f, 'ids', 2),
}


def evaluate(prediction: WorldPrediction, truth: WorldTruth) -> dict[str, float]:
    """Return the figures of one person.

    `mpjpe_mm`, `pa_mpjpe_mm`, `accel_error_mm`, `within_1_sigma_pct` and `within_2_sigma_pct` are
    those of `metrics.evaluate_clip`; `absolute_mm` is the mean distance of the joints from the
    truth in the world, without centring; `found_pct` is the share of the true joints that have an
    estimate; `people` is the mean number of skeletons in a round, `ids` the number of ids of the
    person. A joint without an estimate does not count for the other figures.
    """
    joints = prediction.positions[:, truth.indices]
    middle, true_middle = (
        x[:, truth.origin].mean(1, keepdims=True) for x in (joints, truth.joints))
    found = np.isfinite(joints[..., 0]) & np.isfinite(truth.joints[..., 0])
    usable = found.any(1) & np.isfinite(middle).all((1, 2))
    figures: dict[str, float] = {'frames': int(usable.sum())}
    if not usable.any():
        return figures
    # An origin that is a single joint has no error by definition.
    counted = [i for i in range(len(truth.indices)) if truth.origin != [i]]
    relative, expected = ((x - x_middle)[:, counted] for x, x_middle in
                          ((joints, middle), (truth.joints, true_middle)))
    return {
        **figures,
        'mpjpe_mm': metrics.mpjpe(relative[usable], expected[usable]),
        'pa_mpjpe_mm': metrics.pa_mpjpe(relative[usable], expected[usable]),
        'absolute_mm': metrics.mpjpe(joints[usable], truth.joints[usable]),
        'accel_error_mm': metrics.acceleration_error(relative, expected, truth.stamps_ns),
        'found_pct': 100 * float(found.sum() / np.isfinite(truth.joints[..., 0]).sum()),
        'people': float('nan') if prediction.people is None else float(np.mean(prediction.people)),
        'ids': float('nan') if prediction.ids is None else float(prediction.ids),
        **_within_sigma(prediction, truth)}


def _within_sigma(prediction: WorldPrediction, truth: WorldTruth) -> dict[str, float]:
    if prediction.covariance is None:
        return {'within_1_sigma_pct': float('nan'), 'within_2_sigma_pct': float('nan')}
    error = np.abs(prediction.positions[:, truth.indices] - truth.joints)
    normalized = error / np.sqrt(prediction.covariance[:, truth.indices].diagonal(0, -2, -1))
    normalized = normalized[np.isfinite(normalized)]
    return {f'within_{n}_sigma_pct': 100 * float((normalized < n).mean()) for n in (1, 2)}
