# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.evaluation.world_metrics import evaluate, WorldPrediction, WorldTruth

_RNG = np.random.default_rng(0)
_JOINTS = np.cumsum(_RNG.normal(size=(40, 17, 3)) * 0.02, 0) + _RNG.normal(size=(17, 3))
_STAMPS = np.arange(40) * 33_333_333


def truth(joints=_JOINTS):
    return WorldTruth(joints, list(range(17)), [0], _STAMPS)


def test_a_shift_of_the_whole_person_is_an_absolute_error_alone():
    figures = evaluate(WorldPrediction(_JOINTS + (0.03, 0, 0.04)), truth())
    assert figures['absolute_mm'] == pytest.approx(50)
    assert figures['mpjpe_mm'] == pytest.approx(0, abs=1e-6)
    assert figures['pa_mpjpe_mm'] == pytest.approx(0, abs=1e-6)
    assert figures['found_pct'] == 100 and figures['frames'] == 40


def test_another_size_is_no_error_after_alignment():
    figures = evaluate(WorldPrediction(1.1 * _JOINTS), truth())
    assert figures['mpjpe_mm'] > 20 and figures['pa_mpjpe_mm'] == pytest.approx(0, abs=1e-6)


def test_missing_joints_and_rounds_lower_what_was_found_and_nothing_else():
    positions = _JOINTS + (0, 0, 0.05)
    positions[:10] = np.nan
    positions[:, 5] = np.nan
    figures = evaluate(WorldPrediction(positions), truth())
    assert figures['frames'] == 30
    assert figures['found_pct'] == pytest.approx(100 * 30 * 16 / (40 * 17))
    assert figures['absolute_mm'] == pytest.approx(50)
    nothing = evaluate(WorldPrediction(np.full_like(_JOINTS, np.nan)), truth())
    assert nothing == {'frames': 0}


def test_right_deviations_contain_the_usual_shares():
    sigma = np.array((0.02, 0.05, 0.1))
    noisy = _JOINTS + _RNG.normal(size=_JOINTS.shape) * sigma
    covariance = np.tile(np.diag(sigma ** 2), (40, 17, 1, 1))
    figures = evaluate(WorldPrediction(noisy, covariance), truth())
    assert figures['within_1_sigma_pct'] == pytest.approx(68, abs=3)
    assert figures['within_2_sigma_pct'] == pytest.approx(95, abs=2)
    too_sure = evaluate(WorldPrediction(noisy, covariance / 4), truth())
    assert too_sure['within_1_sigma_pct'] < 45


def test_unknown_true_joints_do_not_count():
    joints = _JOINTS.copy()
    joints[3:, 4] = np.nan
    wrong = _JOINTS.copy()
    wrong[3:, 4] += 10
    figures = evaluate(WorldPrediction(wrong), truth(joints))
    assert figures['absolute_mm'] == pytest.approx(0) and figures['found_pct'] == 100
