# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
from support.stick_body import stick_body

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import MOCAP_25
from pose_machine_ros.synthesis.rendered import rotations as rot
from pose_machine_ros.synthesis.rendered.motions import short_motions
from pose_machine_ros.synthesis.rendered.poser import Poser
from pose_machine_ros.synthesis.rendered.proportions import random_stretches
from pose_machine_ros.synthesis.rendered.skinning import pose

LIMBS = {'upper_arm': ('shoulder', 'elbow'), 'forearm': ('elbow', 'wrist'),
         'thigh': ('hip', 'knee'), 'shank': ('knee', 'ankle')}
BONES = {'shoulder': 'upperarm01', 'elbow': 'lowerarm01', 'wrist': 'wrist', 'hip': 'upperleg01',
         'knee': 'lowerleg01', 'ankle': 'foot'}


@pytest.fixture(scope='module')
def motions(tmp_path_factory):
    data = MotionCaptureDataset.load(
        captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', frames=300), 'train')
    random = short_motions(data, 4, seed=3)
    return np.concatenate([next(random).joints for _ in range(40)])


def posed(joints, seed=0):
    model, body = stick_body()
    rng = np.random.default_rng(seed)
    stretches = random_stretches(model, body, rng)
    return pose(model, body, Poser(model, body, rng).rotations(joints), stretches)


@pytest.mark.parametrize('limb', LIMBS)
@pytest.mark.parametrize('side', ['left', 'right'])
def test_limbs_point_where_the_captured_ones_do(motions, limb, side):
    model, _ = stick_body()
    heads = posed(motions).heads
    start, end = (heads[:, model.index(f'{BONES[joint]}.{side[0].upper()}')]
                  for joint in LIMBS[limb])
    a, b = (motions[:, MOCAP_25.index(f'{side}_{joint}')] for joint in LIMBS[limb])
    angles = np.degrees(rot.angle_between(end - start, b - a))
    assert angles.max() < 4


def test_hips_and_trunk_point_where_the_captured_ones_do(motions):
    model, _ = stick_body()
    heads = posed(motions).heads
    hips = heads[:, model.index('upperleg01.L')] - heads[:, model.index('upperleg01.R')]
    captured_hips = motions[:, MOCAP_25.index('left_hip')] - motions[:, MOCAP_25.index('right_hip')]
    assert np.degrees(rot.angle_between(hips, captured_hips)).max() < 1


def test_rotations_are_rotations(motions):
    model, body = stick_body()
    rotations = Poser(model, body, np.random.default_rng(0)).rotations(motions)
    np.testing.assert_allclose(rotations @ np.swapaxes(rotations, -1, -2),
                               np.broadcast_to(np.eye(3), rotations.shape), atol=1e-6)
    assert (np.linalg.det(rotations) > 0).all()


def test_a_bent_knee_turns_the_thigh_towards_the_foot():
    """The front of the thigh is opposite to where the shank goes."""
    joints = captured.standing().astype(float)[None]
    knee, ankle = (MOCAP_25.index(f'left_{joint}') for joint in ('knee', 'ankle'))
    toe, heel = (MOCAP_25.index(f'left_{joint}') for joint in ('toe', 'heel'))
    outward = np.array((-1.0, 0, 0))  # the shank goes inwards, so the knee points outwards
    shift = joints[0, knee] - 0.41 * outward - joints[0, ankle]
    joints[0, [ankle, toe, heel]] += shift
    model, body = stick_body()
    rotations = Poser(model, body, np.random.default_rng(0)).rotations(joints)
    front = rotations[0, model.index('upperleg02.L')] @ (0, -1, 0)
    # The captured person faces y, so this is turned by up to the limit of 1.2 from y to -x.
    assert np.degrees(rot.angle_between(front, outward)) < 30


def test_frames_do_not_depend_on_each_other(motions):
    together = posed(motions[:6]).linear
    apart = np.concatenate([posed(motions[i:i + 1]).linear for i in range(6)])
    np.testing.assert_allclose(together, apart, atol=1e-9)
