# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.evaluation import metrics

RNG = np.random.default_rng(0)
TRUTH = RNG.normal(size=(6, 12, 3))


def turned(points):
    q, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    return points @ (q * np.sign(np.linalg.det(q)))


def test_a_shift_is_its_own_error():
    assert metrics.mpjpe(TRUTH + [0.003, 0, 0.004], TRUTH) == pytest.approx(5)


def test_procrustes_takes_out_turn_size_and_place():
    assert metrics.pa_mpjpe(1.7 * turned(TRUTH) + 3, TRUTH) == pytest.approx(0, abs=1e-9)


def test_procrustes_does_not_mirror():
    assert metrics.pa_mpjpe(TRUTH * [-1, 1, 1], TRUTH) > 100


def test_procrustes_is_never_worse_than_no_change():
    joints = TRUTH + 0.1 * RNG.normal(size=TRUTH.shape)
    assert metrics.pa_mpjpe(joints, TRUTH) < metrics.mpjpe(joints, TRUTH)


def test_unknown_joints_do_not_count():
    truth = TRUTH.copy()
    truth[2, 3] = np.nan
    joints = TRUTH.copy()
    joints[2, 3] += 9
    assert metrics.mpjpe(joints, truth) == pytest.approx(0)
    assert metrics.pa_mpjpe(joints, truth) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize('fps', [30, 60])
def test_acceleration_is_per_frame_of_30_hz(fps):
    time = np.arange(20)[:, None, None] / fps
    fallen = np.zeros((20, 12, 3)) + 0.5 * 9.81 * time ** 2
    error = metrics.acceleration_error(fallen, np.zeros_like(fallen), fps)
    assert error == pytest.approx(1e3 * np.sqrt(3) * 9.81 / 30 ** 2)
