# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import itertools

import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.synthesis.rendered.motions import LONGEST_STEP, short_motions, SHORTEST_STEP


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return MotionCaptureDataset.load(
        captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', frames=300), 'train')


def some(data, seed=0, count=200):
    return list(itertools.islice(short_motions(data, 4, seed), count))


def test_steps_are_between_the_bounds(data):
    steps = np.array([motion.steps for motion in some(data)])
    np.testing.assert_array_equal(steps[:, 0], 0)
    assert steps[:, 1:].min() > SHORTEST_STEP - 1e-3 and steps[:, 1:].max() < LONGEST_STEP + 1e-3
    assert np.ptp(np.log(steps[:, 1:])) > np.log(3)


def test_people_move_as_long_as_the_steps_say(data):
    """The captured people walk at 1 m/s; motions are 0.8 to 1.25 times as fast.

    Those who sit or crouch stay where they are.
    """
    speeds = np.array([np.linalg.norm(np.diff(motion.joints[:, 0], axis=0), axis=-1)
                       / motion.steps[1:] for motion in some(data)])
    walks = ((speeds > 0.78) & (speeds < 1.28)).all(1)
    assert 0.65 < walks.mean() < 0.9
    assert np.median(speeds[~walks]) < 0.78


def test_the_same_seed_gives_the_same_motions(data):
    first, again, other = (some(data, seed, 3) for seed in (5, 5, 6))
    for a, b in zip(first, again):
        np.testing.assert_array_equal(a.joints, b.joints)
    assert any((a.joints != b.joints).any() for a, b in zip(first, other))


def test_the_global_generator_is_left_alone(data):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    some(data, count=1)
    assert torch.rand(1) == expected
