# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest
from support import captured
import torch

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import MOCAP_25
from pose_machine_ros.synthesis import bodies, postures, rotations


@pytest.fixture(scope='module')
def clips(tmp_path_factory):
    path = captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')
    motion = MotionCaptureDataset.load(path, 'train')
    return torch.stack([motion.clip(i)[:30] for i in range(len(motion))])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_rotations_are_those_of_the_matrix_exponential():
    vector = torch.randn(50, 3, generator=generator(), dtype=torch.float64)
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack((zero, -z, y, z, zero, -x, -y, x, zero), -1).unflatten(-1, (3, 3))
    torch.testing.assert_close(
        rotations.axis_angle_to_matrix(vector), torch.linalg.matrix_exp(skew))


def test_the_frame_of_the_trunk_rotates_with_the_person(clips):
    frame = rotations.trunk_frame(clips)
    torch.testing.assert_close(frame @ frame.mT, torch.eye(3).expand_as(frame))
    assert (torch.linalg.det(frame) > 0).all()
    turn = rotations.axis_angle_to_matrix(torch.tensor([0.3, -0.7, 1.1]))
    torch.testing.assert_close(rotations.trunk_frame(clips @ turn.mT), turn @ frame,
                               atol=1e-5, rtol=0)


def test_mixing_no_limb_or_all_limbs_of_the_same_clip_changes_nothing(clips):
    others = clips.flip(0)
    none, every = (torch.full((len(clips), 4), flag) for flag in (False, True))
    torch.testing.assert_close(postures.mix_limbs(clips, others, none), clips)
    torch.testing.assert_close(postures.mix_limbs(clips, clips, every), clips, atol=1e-5, rtol=0)


def test_only_the_mixed_limb_moves_and_keeps_its_bones(clips):
    limbs = torch.zeros(len(clips), 4, dtype=torch.bool)
    limbs[:, 0] = True  # the left arm
    turn = rotations.axis_angle_to_matrix(torch.tensor([0.0, 0.0, 2.0]))
    others = clips.flip(0) @ turn.mT  # the arm rotates with the person
    mixed = postures.mix_limbs(clips, others, limbs)
    left = [MOCAP_25.index(f'left_{p}') for p in ('elbow', 'wrist', 'hand')]
    rest = [i for i in range(len(MOCAP_25)) if i not in left]
    torch.testing.assert_close(mixed[:, :, rest], clips[:, :, rest])
    forearm = mixed[:, :, left[1]] - mixed[:, :, left[0]]
    expected = clips.flip(0)[:, :, left[1]] - clips.flip(0)[:, :, left[0]]
    torch.testing.assert_close(forearm.norm(dim=-1), expected.norm(dim=-1), atol=1e-5, rtol=0)
    assert float((mixed - clips)[:, :, left].abs().max()) > 1e-3


def test_a_lying_person_is_flat(clips):
    people = clips[:1].expand(100, -1, -1, -1)
    flat = postures.tilt(people, torch.ones(100, dtype=torch.bool), 0.1, generator())
    spread = flat[:, 0, :, 2].amax(1) - flat[:, 0, :, 2].amin(1)
    standing = people[0, 0, :, 2].max() - people[0, 0, :, 2].min()
    assert float(spread.median()) < 0.6 * float(standing)
    torch.testing.assert_close((flat[:, :, 1:] - flat[:, :, :1]).norm(dim=-1),
                               (people[:, :, 1:] - people[:, :, :1]).norm(dim=-1))


def test_knees_do_not_bend_to_the_front(clips):
    bent = clips.clone()
    for side in ('left', 'right'):
        bent[:, :, MOCAP_25.index(f'{side}_ankle'), 1] += 0.3  # the people face y
    people = bodies.randomize_bodies(bent.repeat(40, 1, 1, 1), generator())
    frame = rotations.trunk_frame(people)
    front = []
    for side in ('left', 'right'):
        hip, knee, ankle = (people[:, :, MOCAP_25.index(f'{side}_{p}')]
                            for p in ('hip', 'knee', 'ankle'))
        across = torch.linalg.cross(knee - hip, frame[..., 0])
        shank = torch.nn.functional.normalize(ankle - knee, dim=-1)
        front.append((shank * torch.nn.functional.normalize(across, dim=-1)).sum(-1))
    # The axis of the knee rotates with the thigh, so that the limit in the trunk's frame is higher.
    assert float(torch.stack(front).quantile(0.95)) < 0.3
