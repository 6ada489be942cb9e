# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People who sit, crouch and bend: where their limbs are, and what stays as it was."""

import math

import pytest
from support import captured
import torch

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import MOCAP_25
from pose_machine_ros.synthesis import folding

PEOPLE, FRAMES = 200, 30
LEGS = [MOCAP_25.index(f'{s}_{p}') for s in ('left', 'right')
        for p in ('hip', 'knee', 'ankle', 'toe', 'heel')]
ANKLES = MOCAP_25.indices(('left_ankle', 'right_ankle'))


@pytest.fixture(scope='module')
def people(tmp_path_factory):
    path = captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')
    clip = MotionCaptureDataset.load(path, 'train').clip(0)[:FRAMES]
    return clip[None].expand(PEOPLE, -1, -1, -1)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def flags(value):
    return torch.full((PEOPLE,), value)


def bone(joints, part, parent):
    return joints[:, :, MOCAP_25.index(part)] - joints[:, :, MOCAP_25.index(parent)]


@pytest.mark.parametrize('crouches', (False, True))
def test_thighs_are_level_when_sitting(people, crouches):
    folded = folding.fold_legs(people, flags(crouches), torch.ones(PEOPLE, FRAMES), generator())
    thigh = bone(folded, 'left_knee', 'left_hip')[:, 0]
    shank = bone(folded, 'left_ankle', 'left_knee')[:, 0]
    assert (thigh[:, 1] > 0.1).all()  # the captured people face y
    assert (shank[:, 2] < -0.1).all()
    elevation = torch.rad2deg(torch.atan2(thigh[:, 2], thigh[:, :2].norm(dim=-1)))
    assert abs(float(elevation.mean()) - (5 if crouches else 0)) < 6
    ankle = shank[:, 1].mean()  # behind the knee of those who crouch
    assert float(ankle) < -0.1 if crouches else abs(float(ankle)) < 0.1


def test_legs_are_straight_and_feet_stay_while_somebody_sits_down(people):
    share = torch.linspace(0, 1, FRAMES).expand(PEOPLE, -1)
    folded = folding.fold_legs(people, flags(False), share, generator())
    standing = bone(folded, 'left_knee', 'left_hip')[:, 0]
    assert (standing[:, 2] < -0.99 * standing.norm(dim=-1)).all()
    feet = folded[:, :, ANKLES].mean(2)
    torch.testing.assert_close(feet, feet[:, :1].expand_as(feet), atol=1e-5, rtol=0)
    height = (folded[:, :, 0] - feet)[..., 2]
    assert (height[:, 0] > height[:, -1] + 0.2).all()
    for part, parent in (('knee', 'hip'), ('ankle', 'knee')):
        length = bone(folded, f'left_{part}', f'left_{parent}').norm(dim=-1)
        torch.testing.assert_close(length, length[:, :1].expand_as(length))


def test_the_trunk_bends_forwards_by_the_angle(people):
    angle = math.radians(40)
    bent = folding.bend_trunk(people, torch.full((PEOPLE, FRAMES), angle),
                              torch.zeros(PEOPLE, FRAMES), torch.zeros(PEOPLE, 2, dtype=torch.bool))
    before, after = (bone(x, 'thorax', 'pelvis') for x in (people, bent))
    cosine = torch.nn.functional.cosine_similarity(before, after, dim=-1)
    torch.testing.assert_close(cosine, torch.full_like(cosine, math.cos(angle)),
                               atol=0.02, rtol=0)  # the axis is that of the hips
    assert (after[..., 1] > before[..., 1] + 0.1).all() and (after[..., 2] < before[..., 2]).all()
    torch.testing.assert_close(bent[:, :, LEGS], people[:, :, LEGS])
    distances = (torch.cdist(x[:, 0], x[:, 0]) for x in (people, bent))
    upper = [i for i in range(len(MOCAP_25)) if i not in LEGS]
    a, b = (d[:, upper][:, :, upper] for d in distances)
    torch.testing.assert_close(a, b, atol=1e-4, rtol=0)


def test_a_hanging_arm_keeps_its_direction(people):
    hangs = torch.tensor([True, False]).expand(PEOPLE, -1)
    bent = folding.bend_trunk(people, torch.full((PEOPLE, FRAMES), 0.8),
                              torch.zeros(PEOPLE, FRAMES), hangs)
    for side, stays in (('left', True), ('right', False)):
        before, after = (bone(x, f'{side}_elbow', f'{side}_shoulder') for x in (people, bent))
        assert torch.allclose(before, after, atol=1e-5) == stays


def test_shares_stay_in_range_and_start_slowly():
    steps = torch.full((500, 60), 1 / 30)
    steps[:, 0] = 0
    share = folding.random_shares(steps, generator())
    assert float(share.min()) >= 0 and float(share.max()) <= 1
    constant = (share == 1).all(1).float().mean()
    assert 0.3 < float(constant) < 0.6
    # Nobody sits down in less than the shortest time: 0.6 s, with a slope of 1.5 in the middle.
    assert float(share.diff(dim=1).abs().max()) < 1.5 / (30 * 0.6) + 1e-3


def test_those_who_do_none_of_it_stay_as_they_are(people):
    no = flags(False)
    kept = folding.fold(people, no, no, no, torch.ones(PEOPLE, FRAMES), generator())
    torch.testing.assert_close(kept, people)
