# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The learned correction as a function: what it must be for any weights."""

import pytest
from support.observations import standing_pose
import torch

from pose_machine_ros.correction.learned import Evidence, HIDDEN, LearnedCorrection, STEPS
from pose_machine_ros.correction.root import locate, RootEquations
from pose_machine_ros.lifting.mirroring import mirror_joints, mirror_sigma
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

PEOPLE, FRAMES = 3, 5
BONES = torch.tensor(HUMAN36M_17.bones)


def evidence(people=PEOPLE, frames=FRAMES):
    """Return noisy poses of standing people 4 m away, and the keypoints of other noisy poses."""
    generator = torch.Generator().manual_seed(0)

    def noise(*shape, sigma=0.05):
        return sigma * torch.randn(people * frames, *shape, generator=generator)

    standing = standing_pose().float()
    standing = standing - standing[:1]
    joints, before, true = (standing + noise(17, 3) for _ in range(3))
    joints, before = joints - joints[:, :1], before - before[:, :1]
    seen = true[:, list(SHARED_JOINTS)] + torch.tensor([0.1, 0.0, 4.0])
    plane = torch.zeros(people * frames, 17, 2)
    plane[:, list(SHARED_KEYPOINTS)] = seen[..., :2] / seen[..., 2:]
    weights = 0.5 + 0.5 * torch.rand(people * frames, 17, generator=generator)
    weights[:, 7] = 0
    lengths = (standing[BONES[:, 1]] - standing[BONES[:, 0]]).norm(dim=-1)
    numbers = torch.arange(1, frames + 1).repeat(people)
    return Evidence(
        joints, -3 + noise(17, 3, sigma=0.3), plane, weights, torch.full((len(joints),), 0.1),
        before, lengths.expand(len(joints), -1) + noise(16, sigma=0.02), 1 / numbers,
        torch.where(numbers > 1, 0.04, 0.0))


def mirrored(seen):
    across = torch.tensor([-1.0, 1.0])
    keypoints = list(COCO_17.mirror)
    return seen._replace(
        joints=mirror_joints(seen.joints), log_sigma=mirror_sigma(seen.log_sigma),
        plane=seen.plane[:, keypoints] * across, weights=seen.weights[:, keypoints],
        before=mirror_joints(seen.before), lengths=seen.lengths[:, list(HUMAN36M_17.mirror_bones)])


def nothing_known(people=PEOPLE):
    return torch.zeros(people, 2, HIDDEN)


@pytest.fixture
def network():
    """Return a network whose last layer does something."""
    torch.manual_seed(0)
    network = LearnedCorrection().eval()
    torch.nn.init.normal_(network.out.weight, std=0.05)
    return network


@torch.no_grad()
def test_a_new_network_corrects_nothing():
    seen = evidence()
    joints, log_sigma, _ = LearnedCorrection()(seen, nothing_known())
    torch.testing.assert_close(joints, seen.joints, rtol=0, atol=0)
    torch.testing.assert_close(log_sigma, seen.log_sigma)


@torch.no_grad()
def test_the_mirror_image_is_corrected_to_the_mirror_image(network):
    seen = evidence()
    joints, log_sigma, hidden = network(seen, nothing_known())
    assert (joints - seen.joints).abs().max() > 1e-3
    theirs, their_log_sigma, their_hidden = network(mirrored(seen), nothing_known())
    torch.testing.assert_close(mirror_joints(theirs), joints, atol=1e-5, rtol=0)
    torch.testing.assert_close(mirror_sigma(their_log_sigma), log_sigma, atol=1e-5, rtol=0)
    torch.testing.assert_close(their_hidden.flip(1), hidden, atol=1e-5, rtol=0)


@torch.no_grad()
def test_frame_by_frame_is_the_same_as_whole_clips(network):
    seen = evidence()
    at_once, log_sigma, last = network(seen, nothing_known())
    by_frame = [x.unflatten(0, (PEOPLE, FRAMES)) for x in seen]
    hidden = nothing_known()
    for t in range(FRAMES):
        joints, sigma, hidden = network(Evidence(*(x[:, t] for x in by_frame)), hidden)
        torch.testing.assert_close(
            joints, at_once.unflatten(0, (PEOPLE, FRAMES))[:, t], atol=1e-5, rtol=0)
        torch.testing.assert_close(
            sigma, log_sigma.unflatten(0, (PEOPLE, FRAMES))[:, t], atol=1e-5, rtol=0)
    torch.testing.assert_close(hidden, last, atol=1e-5, rtol=0)


@torch.no_grad()
def test_the_state_of_a_person_matters(network):
    seen = evidence(frames=1)
    new, _, hidden = network(seen, nothing_known())
    assert (network(seen, hidden)[0] - new).abs().max() > 1e-4


@torch.no_grad()
def test_people_do_not_affect_each_other(network):
    seen = evidence(frames=1)
    together = network(seen, nothing_known())
    for i in range(PEOPLE):
        alone = network(Evidence(*(x[i:i + 1] for x in seen)), nothing_known(1))
        for ours, theirs in zip(alone, together):
            torch.testing.assert_close(ours[0], theirs[i], atol=1e-5, rtol=0)


@torch.no_grad()
def test_only_keypoints_that_are_seen_matter(network):
    seen = evidence()
    plane = seen.plane.clone()
    plane[:, 7] = 7.0  # the unseen elbow
    torch.testing.assert_close(network(seen._replace(plane=plane), nothing_known())[0],
                               network(seen, nothing_known())[0], atol=1e-5, rtol=0)
    plane[:, 9] += 0.02  # a wrist
    assert (network(seen._replace(plane=plane), nothing_known())[0]
            - network(seen, nothing_known())[0]).abs().max() > 1e-4


@torch.no_grad()
@pytest.mark.parametrize('change', [
    {'weights': torch.zeros(PEOPLE * FRAMES, 17)}, {'plane': torch.full((15, 17, 2), 5.0)},
    {'joints': torch.zeros(PEOPLE * FRAMES, 17, 3)}, {'size': torch.full((15,), 1e-3)},
    {'log_sigma': torch.full((PEOPLE * FRAMES, 17, 3), -6.0)}], ids=lambda x: next(iter(x)))
def test_the_result_is_finite_for_odd_input(network, change):
    joints, log_sigma, hidden = network(evidence()._replace(**change), nothing_known())
    for value in (joints, log_sigma, hidden):
        assert value.isfinite().all()


def test_every_weight_gets_a_gradient_from_every_step(network):
    poses, log_sigma, _ = network.steps(evidence(), nothing_known())
    assert len(poses) == STEPS
    for pose in poses:
        network.zero_grad()
        pose.square().sum().backward(retain_graph=True)
        assert all(p.grad.abs().max() > 0 for p in network.parameters())
    network.zero_grad()
    log_sigma.sum().backward()
    assert network.out.weight.grad.abs().max() > 0


@torch.no_grad()
def test_moves_of_the_fit_bring_joints_onto_their_rays():
    """Nearly, because the lifter's pose is part of the information, if it is uncertain."""
    network, seen = LearnedCorrection(), evidence()
    seen = seen._replace(
        log_sigma=torch.full_like(seen.log_sigma, -1.0), weights=torch.ones_like(seen.weights),
        size=torch.full_like(seen.size, 0.5))  # so that no keypoint is taken for an outlier
    sigma = seen.log_sigma.exp()
    keypoints = network._keypoints_of(seen, sigma)
    before, depth = keypoints.root.place(seen.joints[:, list(SHARED_JOINTS)])
    moves = network._fit(seen.joints, keypoints).moves().view(-1, len(SHARED_JOINTS), 3)
    moves = moves * sigma[:, list(SHARED_JOINTS)]
    after = (before + moves[..., :2]) / (depth + moves[..., 2:])
    wanted = keypoints.root.plane
    away = (after - wanted).norm(dim=-1) / (before / depth - wanted).norm(dim=-1)
    assert away.median() < 0.2


@torch.no_grad()
def test_the_root_is_that_of_the_least_squares():
    seen = evidence()
    equations = RootEquations.of(seen.plane[:, list(SHARED_KEYPOINTS)],
                                 seen.weights[:, list(SHARED_KEYPOINTS)])
    root = locate(seen.joints, seen.plane, seen.weights, 1)
    placed = (seen.joints + root[:, None])[:, list(SHARED_JOINTS)]
    across, depth = equations.place(seen.joints[:, list(SHARED_JOINTS)])
    torch.testing.assert_close(torch.cat((across, depth), -1), placed, atol=1e-4, rtol=0)
