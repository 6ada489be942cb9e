# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from support.windows import walking
import torch

from pose_machine_ros.correction import geometric
from pose_machine_ros.correction.config import GeometricConfig
from pose_machine_ros.correction.geometric import correct, cost
from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, SHARED_KEYPOINTS


def guess(truth, window):
    return window.joints + truth[:, :, :1]


def distance(a, b):
    return (a - b).norm(dim=-1).mean()


def linearize(positions, window):
    config = GeometricConfig()
    return geometric._linearize(
        positions, window, geometric._smoothness_form(window.steps, config), config)


def test_gradient_is_that_of_the_cost():
    truth, window = walking(noise=0.005, prior_error=0.03)
    start = guess(truth, window).requires_grad_()
    expected, = torch.autograd.grad(cost(start, window).sum(), start)
    _, gradient, _ = linearize(start.detach(), window)
    torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-9)


def test_normal_matrix_is_the_hessian_where_the_residuals_vanish():
    truth, window = walking(people=1, frames=3)
    hessian = torch.autograd.functional.hessian(lambda x: cost(x, window).sum(), truth)
    size = truth[0].numel()
    _, _, normal = linearize(truth, window)
    torch.testing.assert_close(normal[0], hessian.reshape(size, size), rtol=1e-8, atol=1e-6)


def test_truth_stays_the_truth():
    truth, window = walking()
    corrected, _ = correct(window, truth)
    assert float((corrected - truth).abs().max()) < 1e-6


def test_wrong_poses_get_closer_to_the_truth():
    truth, window = walking(people=8, noise=0.002, prior_error=0.03)
    start = guess(truth, window)
    corrected, _ = correct(window, start)
    assert distance(corrected, truth) < 0.8 * distance(start, truth)


def test_cost_never_rises():
    truth, window = walking(people=8, noise=0.02, prior_error=0.1)
    start = guess(truth, window) + torch.randn_like(truth)
    for steps in (1, 2, 5):
        corrected, _ = correct(window, start, GeometricConfig(steps=steps))
        assert (cost(corrected, window) <= cost(start, window)).all()


def test_a_keypoint_far_off_hardly_moves_the_pose():
    truth, window = walking()
    plane = window.plane.clone()
    plane[:, -1, COCO_17.index('left_wrist')] += 0.5
    corrected, _ = correct(replace(window, plane=plane), truth)
    assert float((corrected - truth).norm(dim=-1).max()) < 0.05


def test_unseen_keypoints_do_not_count():
    truth, window = walking(prior_error=0.02)
    start = guess(truth, window)
    weights = window.weights.clone()
    weights[..., SHARED_KEYPOINTS[3]] = 0
    garbage = window.plane.clone()
    garbage[..., SHARED_KEYPOINTS[3], :] = 77
    ours, _ = correct(replace(window, weights=weights, plane=garbage), start)
    theirs, _ = correct(replace(window, weights=weights), start)
    torch.testing.assert_close(ours, theirs)


def test_mirrored_input_gives_the_mirrored_result():
    truth, window = walking(noise=0.005, prior_error=0.03)
    flip = torch.tensor([-1, 1, 1], dtype=torch.float64)
    joints, keypoints = list(HUMAN36M_17.mirror), list(COCO_17.mirror)
    bones = list(HUMAN36M_17.mirror_bones)
    mirrored = replace(
        window, plane=window.plane[:, :, keypoints] * flip[:2],
        joints=window.joints[:, :, joints] * flip, lengths=window.lengths[:, bones])
    start = guess(truth, window)
    expected, _ = correct(window, start)
    corrected, _ = correct(mirrored, start[:, :, joints] * flip)
    torch.testing.assert_close(corrected, expected[:, :, joints] * flip)


def test_people_do_not_affect_each_other():
    truth, window = walking(people=4, noise=0.005, prior_error=0.03)
    start = guess(truth, window)
    together, _ = correct(window, start)
    alone, _ = correct(geometric.Window(*(
        getattr(window, f)[2:3] for f in window.__dataclass_fields__)), start[2:3])
    torch.testing.assert_close(alone[0], together[2])


def test_float32_agrees_with_float64():
    truth, window = walking(noise=0.005, prior_error=0.03)
    single = geometric.Window(*(
        getattr(window, f).float() for f in window.__dataclass_fields__))
    exact, spread = correct(window, guess(truth, window))
    rounded, rounded_spread = correct(single, guess(truth, window).float())
    torch.testing.assert_close(rounded.double(), exact, atol=1e-3, rtol=0)
    torch.testing.assert_close(rounded_spread.double(), spread, atol=1e-4, rtol=0.05)


def test_covariance_is_the_block_of_the_inverse():
    truth, window = walking(people=2)
    _, _, normal = linearize(truth, window)
    _, covariance = correct(window, truth)
    identity = torch.eye(normal.shape[-1], dtype=torch.float64)
    for person in range(2):
        factor = torch.linalg.cholesky(normal[person] + 1e-4 * identity)
        inverse = torch.cholesky_inverse(factor)[-51:, -51:]
        for joint in (0, 3, 16):
            block = slice(3 * joint, 3 * joint + 3)
            torch.testing.assert_close(covariance[person, joint], inverse[block, block])


@pytest.mark.parametrize('bad', [{'window': 0}, {'steps': 0}, {'bone_sigma': -1}])
def test_unusable_settings_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        GeometricConfig(**bad)
