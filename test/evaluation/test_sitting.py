# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from support import captured
import torch

from pose_machine_ros.evaluation.sitting import seated
from pose_machine_ros.skeleton import MOCAP_25


def clip(frames=20):
    """Return a person who walks along y and waves, (frames, 25, 3)."""
    joints = torch.from_numpy(captured.standing()).repeat(frames, 1, 1)
    joints[..., 1] += 0.05 * torch.arange(frames)[:, None]
    joints[:, MOCAP_25.index('left_wrist'), 2] += 0.2 * torch.arange(frames).sin()
    return joints


def seats(count=20):
    return [seated(clip(), torch.Generator().manual_seed(seed)) for seed in range(count)]


def between(joints, a, b):
    return joints[:, MOCAP_25.index(b)] - joints[:, MOCAP_25.index(a)]


def test_everybody_sits():
    for joints in seats():
        for side in ('left', 'right'):
            thigh = between(joints, f'{side}_hip', f'{side}_knee')
            assert (thigh[:, 2].abs() < 0.75 * thigh.norm(dim=-1)).all()  # far from hanging down


def test_bones_keep_their_lengths():
    standing = clip()
    for joints in seats():
        for i, parent in enumerate(MOCAP_25.parents):
            if parent >= 0 and MOCAP_25.names[i] not in ('left_wrist', 'left_hand'):
                length = (joints[:, i] - joints[:, parent]).norm(dim=-1)
                expected = (standing[:, i] - standing[:, parent]).norm(dim=-1)
                torch.testing.assert_close(length, expected, atol=1e-4, rtol=0)


def test_a_sitting_person_stays_there_and_still_waves():
    standing = clip()
    for joints in seats(3):
        torch.testing.assert_close(joints[:, 0], standing[:1, 0].expand(20, 3))
        torch.testing.assert_close(between(joints, 'left_elbow', 'left_wrist').norm(dim=-1),
                                   between(standing, 'left_elbow', 'left_wrist').norm(dim=-1))


def test_the_seat_depends_on_the_generator():
    first, other = seats(2)
    assert (first - other).norm(dim=-1).max() > 0.05
