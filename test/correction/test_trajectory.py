# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The Kalman filter of positions, against the least squares over all frames that it stands for."""

import pytest
import torch

from pose_machine_ros.correction.trajectory import (
    append, MEMORY, motion_coefficients, predict, SIZE, slope_weights, Trajectory, update)

STEPS = (0.033, 0.033, 0.05, 0.02, 0.033)  # seconds between frames
SIGMA = 12.0  # m/s^2


def blank(people=1):
    return Trajectory(torch.zeros(people, MEMORY, SIZE, dtype=torch.float64),
                      torch.zeros(people, 3, SIZE, SIZE, dtype=torch.float64))


def measure(prediction, value, information):
    """Return mean (P, SIZE) and covariance of a prediction with a measurement of the newest."""
    covariance = torch.linalg.inv(prediction.information + information)
    right = prediction.information @ prediction.mean[..., None] + information @ value[..., None]
    return (covariance @ right)[..., 0], covariance


def filtered(values, information, fading=1.0):
    """Return the trajectory after measurements (T, P, SIZE) with one information matrix each."""
    trajectory = blank(values.shape[1])
    for t, value in enumerate(values):
        coefficients = torch.tensor(
            [motion_coefficients(STEPS[:t][::-1], SIGMA)] * len(value), dtype=torch.float64)
        prediction = predict(trajectory, coefficients, fading)
        trajectory = update(trajectory, prediction, *measure(prediction, value, information))
    return trajectory


def measurements(frames, people=1):
    generator = torch.Generator().manual_seed(3)
    values = torch.randn(frames, people, SIZE, dtype=torch.float64, generator=generator)
    root = torch.randn(SIZE, SIZE, dtype=torch.float64, generator=generator)
    return values, root @ root.mT / SIZE + 10 * torch.eye(SIZE, dtype=torch.float64)


def test_without_fading_it_is_least_squares_over_all_frames():
    values, information = measurements(len(STEPS) + 1)
    frames = len(values)
    unit = torch.eye(SIZE, dtype=torch.float64)
    normal = torch.block_diag(*[information] * frames)
    operator = torch.zeros(frames - 2, frames, dtype=torch.float64)
    for i in range(frames - 2):
        before, after = STEPS[i:i + 2]
        mean = (before + after) / 2
        operator[i, i:i + 3] = torch.tensor(
            [1 / (before * mean), -1 / (before * mean) - 1 / (after * mean), 1 / (after * mean)])
    normal = normal + torch.kron(operator.mT @ operator / SIGMA ** 2, unit)
    right = (information @ values[:, 0, :, None]).reshape(-1, 1)
    expected = torch.linalg.solve(normal, right).view(frames, SIZE)
    covariance = torch.linalg.inv(normal)
    trajectory = filtered(values, information)
    torch.testing.assert_close(trajectory.positions[0, :2], expected[-2:].flip(0),
                               atol=1e-5, rtol=1e-5)
    newest, before = (slice(k * SIZE, (k + 1) * SIZE) for k in (frames - 1, frames - 2))
    for ours, rows, columns in zip(trajectory.covariance[0], (newest, newest, before),
                                   (newest, before, before)):
        torch.testing.assert_close(ours, covariance[rows, columns], atol=1e-6, rtol=1e-5)


def test_fading_makes_the_past_count_less():
    values, information = measurements(6)
    certain, doubtful = (filtered(values, information, f).covariance[0, 0] for f in (1.0, 3.0))
    assert (torch.linalg.eigvalsh(doubtful - certain) > 0).all()
    alone = torch.linalg.inv(information)
    torch.testing.assert_close(filtered(values, information, 1e6).covariance[0, 0], alone,
                               atol=1e-4, rtol=1e-3)


def test_people_do_not_affect_each_other():
    values, information = measurements(6, people=3)
    together, alone = filtered(values, information), filtered(values[:, 1:2], information)
    for ours, theirs in zip(together, alone):
        torch.testing.assert_close(ours[1:2], theirs)


def test_float32_stays_positive_definite_over_a_thousand_frames():
    generator = torch.Generator().manual_seed(0)
    trajectory = Trajectory(*(x.float() for x in blank()))
    information = torch.diag(torch.logspace(0, 5, SIZE))  # from 1 m to 3 mm
    for t in range(1000):
        coefficients = torch.tensor([motion_coefficients([0.033] * min(t, 2), SIGMA)])
        prediction = predict(trajectory, coefficients, 1.65)
        value = torch.randn(1, SIZE, generator=generator)
        trajectory = update(trajectory, prediction, *measure(prediction, value, information))
    assert (torch.linalg.eigvalsh(trajectory.covariance[0, 0]) > 0).all()


@pytest.mark.parametrize('frames', [1, 2, 4, MEMORY, MEMORY + 3])
def test_the_slope_is_the_velocity_of_uniform_motion(frames):
    trajectory = blank()
    times = [0.03 * t + 0.005 * (t % 2) for t in range(frames)]
    velocity = torch.linspace(-1, 1, SIZE, dtype=torch.float64)
    for time in times:
        trajectory = append(trajectory, (5 + velocity * time)[None])
    weights = torch.tensor(slope_weights([times[-1] - t for t in reversed(times)]),
                           dtype=torch.float64)
    assert len(weights) == MEMORY
    torch.testing.assert_close(weights @ trajectory.positions[0],
                               velocity if frames > 1 else torch.zeros_like(velocity))


def test_a_long_pause_constrains_less():
    short, long = (motion_coefficients([pause, 0.033], SIGMA)[-1] for pause in (0.033, 0.5))
    assert long > 100 * short
    assert motion_coefficients([], SIGMA)[-1] > 1000 * long  # metres squared: nothing is known
