# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest
from support.observations import standing_pose
import torch

from pose_machine_ros.correction.config import PaperConfig
from pose_machine_ros.correction.paper import align, normalize, PaperCorrection
from pose_machine_ros.errors import InputError


@pytest.fixture(scope='module')
def poses():
    generator = torch.Generator().manual_seed(0)
    joints = standing_pose().float() + 0.05 * torch.randn(256, 17, 3, generator=generator)
    return joints - joints[:, :1]


@pytest.fixture(scope='module')
def trained(poses):
    """Return a correction whose projector learned, in a second, to drop the depth."""
    torch.manual_seed(0)
    network = PaperCorrection()
    torch.nn.init.normal_(network.refine.narrow.weight, std=1e-3)
    optimizer = torch.optim.Adam(network.projector.parameters(), 1e-3)
    for _ in range(60):
        loss = (network.projector(poses) - normalize(poses[..., :2])).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


@pytest.fixture
def correction(trained):
    """Return a function that gives the trained correction other settings."""
    def make(**settings):
        trained.config = PaperConfig(**settings)
        return trained
    return make


def projection_error(network, joints, seen):
    projected = network.projector(joints)
    return (projected - align(seen, projected, torch.ones(seen.shape[:-1]))).square().sum(
        -1).mean(-1)


def waving(poses):
    """Return the 2D poses with the left arm raised."""
    seen = poses[..., :2].clone()
    seen[:, [7, 9], 1] -= 0.3
    return seen


@torch.no_grad()
def test_corrected_poses_project_closer_to_the_keypoints(poses, correction):
    network = correction(max_change=1.0)
    seen = waving(poses[:8])
    before = network.refine(poses[:8])
    after = network.correct(poses[:8], seen, torch.ones(8, 17))
    assert (projection_error(network, after, seen)
            < projection_error(network, before, seen)).all()


@torch.no_grad()
def test_calls_are_independent_of_each_other(poses, correction):
    network = correction(max_change=1.0)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    first = network.correct(poses[:4], waving(poses[:4]), torch.ones(4, 17))
    network.correct(poses[4:8], 2 * poses[4:8, :, :2] ** 2, torch.ones(4, 17))
    again = network.correct(poses[:4], waving(poses[:4]), torch.ones(4, 17))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


@torch.no_grad()
def test_people_do_not_affect_each_other(poses, correction):
    network = correction(max_change=1.0)
    seen = waving(poses[:5])
    together = network.correct(poses[:5], seen, torch.ones(5, 17))
    alone = network.correct(poses[3:4], seen[3:4], torch.ones(1, 17))
    torch.testing.assert_close(alone[0], together[3], atol=1e-6, rtol=0)


@torch.no_grad()
def test_a_correction_too_large_is_discarded(poses, correction):
    network = correction(max_change=1e-6)
    corrected = network.correct(poses[:4], waving(poses[:4]), torch.ones(4, 17))
    torch.testing.assert_close(corrected, poses[:4], rtol=0, atol=0)


@torch.no_grad()
def test_without_updates_only_the_refine_layers_act(poses, correction):
    network = correction(updates=0, max_change=1.0)
    corrected = network.correct(poses[:4], poses[:4, :, :2], torch.ones(4, 17))
    torch.testing.assert_close(corrected, network.refine(poses[:4]), atol=1e-6, rtol=0)


def test_aligned_poses_fit_the_other_at_every_position_and_scale(poses):
    seen = poses[:6, :, :2]
    moved = align(3 * seen + 7, seen, torch.ones(6, 17))
    torch.testing.assert_close(moved, seen, atol=1e-5, rtol=0)


def test_unseen_keypoints_do_not_affect_the_alignment(poses):
    seen, weights = poses[:6, :, :2].clone(), torch.ones(6, 17)
    weights[:, 4] = 0
    garbage = seen.clone()
    garbage[:, 4] = 99
    moved = align(garbage, seen, weights)
    torch.testing.assert_close(moved[:, :4], seen[:, :4], atol=1e-5, rtol=0)


def test_unusable_settings_are_refused():
    with pytest.raises(InputError, match='learning_rate'):
        PaperConfig(learning_rate=0)
