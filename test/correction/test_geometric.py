# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest
from support.observations import STEP, walking
import torch

from pose_machine_ros.correction.config import GeometricConfig
from pose_machine_ros.correction.geometric import GeometricCorrection, Observation
from pose_machine_ros.correction.trajectory import (
    MEMORY, motion_coefficients, predict, Prediction, SIZE, Trajectory)
from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, SHARED_KEYPOINTS

MIRROR = list(HUMAN36M_17.mirror)
FLIP = torch.tensor([-1, 1, 1], dtype=torch.float64)


def unknown_past(people, dtype=torch.float64):
    """Return the prediction for people without earlier frames."""
    return Prediction(torch.zeros(people, SIZE, dtype=dtype), torch.zeros(people, SIZE, SIZE,
                      dtype=dtype), *[None] * 2)


def known_past(mean, sigma):
    """Return the prediction `mean` (P, 17, 3) with the standard deviation `sigma`."""
    information = torch.eye(SIZE).to(mean).expand(len(mean), SIZE, SIZE) / sigma ** 2
    return Prediction(mean.flatten(1), information, *[None] * 2)


def correction(**settings):
    return GeometricCorrection(GeometricConfig(**settings)).double()


def correct(start, seen, past=None, **settings):
    """Return corrected positions (P, 17, 3) and their covariance (P, 51, 51)."""
    positions, covariance = correction(**settings)(start, seen, past or unknown_past(len(start)))
    return positions.view(-1, 17, 3), covariance


def person(people=3, **options):
    """Return the true positions (P, 17, 3) of people in one frame, and the observation of them."""
    truth, frames = walking(people, 1, **options)
    return truth[:, 0], frames[0]


def guess(truth, seen):
    return seen.joints + truth[:, :1]


def distance(a, b):
    return (a - b).norm(dim=-1).mean()


def test_the_step_follows_the_gradient_of_the_cost():
    """The normal matrix times the step is the negative gradient, which autograd gives too."""
    truth, seen = person(noise=0.005, prior_error=0.03)
    past = known_past(truth + 0.01, 0.05)
    start = guess(truth, seen).requires_grad_()
    network = correction(steps=1, damping=1.0)
    expected, = torch.autograd.grad(network.cost(start, seen, past).sum(), start)
    moved = network(start.detach(), seen, past)[0].view_as(start) - start.detach()
    assert ((expected * moved).sum((1, 2)) < 0).all()
    normal = torch.linalg.inv(network(start.detach(), seen, past)[1])
    torch.testing.assert_close(-(normal @ moved.reshape(-1, SIZE, 1))[..., 0],
                               expected.flatten(1), rtol=1e-8, atol=1e-8)


def test_the_covariance_is_the_inverse_of_the_hessian_where_the_residuals_vanish():
    truth, seen = person(people=1)
    past = known_past(truth, 0.05)
    network = correction(damping=1e-9)
    hessian = torch.autograd.functional.hessian(
        lambda x: network.cost(x, seen, past).sum(), truth).reshape(SIZE, SIZE)
    _, covariance = network(truth, seen, past)
    torch.testing.assert_close(torch.linalg.inv(covariance[0]), hessian + 1e-4 * torch.eye(SIZE),
                               rtol=1e-6, atol=1e-4)


def test_truth_stays_the_truth():
    truth, seen = person()
    corrected, _ = correct(truth, seen)
    assert float((corrected - truth).abs().max()) < 1e-6


def test_wrong_poses_get_closer_to_the_truth():
    truth, seen = person(people=8, noise=0.002, prior_error=0.03)
    start = guess(truth, seen)
    corrected, _ = correct(start, seen)
    assert distance(corrected, truth) < 0.9 * distance(start, truth)


@pytest.mark.parametrize('steps', [1, 2, 5])
def test_the_cost_falls(steps):
    truth, seen = person(people=8, noise=0.01, prior_error=0.05)
    network, past = correction(steps=steps), unknown_past(8)
    start = guess(truth, seen) + 0.05
    corrected = network(start, seen, past)[0].view_as(start)
    assert (network.cost(corrected, seen, past) < network.cost(start, seen, past)).all()


def test_a_guess_far_off_gives_finite_positions():
    truth, seen = person(people=8)
    for offset in (-10.0, 10.0):  # also behind the camera
        corrected, covariance = correct(truth + offset, seen)
        assert corrected.isfinite().all() and covariance.isfinite().all()


def test_a_keypoint_far_off_hardly_moves_the_pose():
    truth, seen = person()
    seen.plane[:, COCO_17.index('left_wrist')] += 0.5
    corrected, _ = correct(truth, seen)
    assert float((corrected - truth).norm(dim=-1).max()) < 0.05


def test_unseen_keypoints_do_not_count():
    truth, seen = person(prior_error=0.02)
    start = guess(truth, seen)
    weights, garbage = seen.weights.clone(), seen.plane.clone()
    weights[..., SHARED_KEYPOINTS[3]] = 0
    garbage[..., SHARED_KEYPOINTS[3], :] = 77
    ours, _ = correct(start, seen._replace(weights=weights, plane=garbage))
    theirs, _ = correct(start, seen._replace(weights=weights))
    torch.testing.assert_close(ours, theirs)


def test_mirrored_input_gives_the_mirrored_result():
    truth, seen = person(noise=0.005, prior_error=0.03)
    mirrored = seen._replace(
        plane=seen.plane[:, list(COCO_17.mirror)] * FLIP[:2], joints=seen.joints[:, MIRROR] * FLIP,
        lengths=seen.lengths[:, list(HUMAN36M_17.mirror_bones)])
    start = guess(truth, seen)
    expected, _ = correct(start, seen, known_past(truth, 0.05))
    corrected, _ = correct(
        start[:, MIRROR] * FLIP, mirrored, known_past(truth[:, MIRROR] * FLIP, 0.05))
    torch.testing.assert_close(corrected, expected[:, MIRROR] * FLIP)


def test_a_turned_camera_gives_the_turned_result():
    truth, seen = person(noise=0.005, prior_error=0.03)
    turn = torch.linalg.matrix_exp(torch.tensor(
        [[0, -0.3, 0.2], [0.3, 0, -0.1], [-0.2, 0.1, 0]], dtype=torch.float64))
    start = guess(truth, seen)
    # Damping is by coordinate, so it depends on the frame.
    expected, _ = correct(start, seen, damping=1e-9)
    # The person camera stays; the camera's frame is another one.
    turned, _ = correct(start @ turn.mT, seen._replace(rotation=seen.rotation @ turn.mT),
                        damping=1e-9)
    torch.testing.assert_close(turned, expected @ turn.mT)


def test_people_do_not_affect_each_other():
    truth, seen = person(people=4, noise=0.005, prior_error=0.03)
    start = guess(truth, seen)
    together, _ = correct(start, seen)
    alone, _ = correct(start[2:3], Observation(*(x[2:3] for x in seen)))
    torch.testing.assert_close(alone[0], together[2])


def test_float32_agrees_with_float64():
    truth, frames = walking(noise=0.005, prior_error=0.03)
    start, seen = guess(truth[:, 0], frames[0]), frames[0]
    past = known_past(truth[:, 0], 0.02)
    exact, spread = correction()(start, seen, past)
    rounded, rounded_spread = GeometricCorrection()(
        start.float(), Observation(*(x.float() for x in seen)),
        Prediction(past.mean.float(), past.information.float(), None, None))
    torch.testing.assert_close(rounded.double(), exact, atol=1e-3, rtol=0)
    torch.testing.assert_close(rounded_spread.double(), spread, atol=1e-4, rtol=0.05)


def test_a_certain_past_holds_the_pose_and_an_unknown_one_does_not():
    truth, seen = person(noise=0.005, prior_error=0.03)
    start = guess(truth, seen)
    held, _ = correct(start, seen, known_past(truth, 1e-4))
    assert float((held - truth).abs().max()) < 1e-3
    free, _ = correct(start, seen)
    assert distance(free, truth) > 10 * distance(held, truth)


def test_a_first_frame_knows_no_past():
    """The prediction from the trajectory of a new person changes nothing."""
    truth, seen = person(noise=0.005, prior_error=0.03)
    blank = Trajectory(torch.zeros(3, MEMORY, SIZE, dtype=torch.float64),
                       torch.zeros(3, 3, SIZE, SIZE, dtype=torch.float64))
    coefficients = torch.tensor([motion_coefficients([STEP], 12.0)] * 3, dtype=torch.float64)
    start = guess(truth, seen)
    ours, _ = correct(start, seen, predict(blank, coefficients, 1.65))
    theirs, _ = correct(start, seen)
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)


@pytest.mark.parametrize('bad', [{'fading': 0.5}, {'steps': 0}, {'bone_sigma': -1}])
def test_unusable_settings_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        GeometricConfig(**bad)
