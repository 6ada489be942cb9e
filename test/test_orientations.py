# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Orientations turn with the person, mirror with the person, and are unknown where they have to be.

Poses are random people with bent limbs, and one built from known rotations.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.observations import standing_pose
from support.people import skeleton

from pose_machine_ros.body_frame import body_frame
from pose_machine_ros.orientations import joint_orientations
from pose_machine_ros.skeleton import HUMAN36M_17

I = HUMAN36M_17.index  # noqa: E741
SEEDS = range(6)
LIMBS = {'left_hip': ('left_knee', 'left_ankle'), 'right_hip': ('right_knee', 'right_ankle'),
         'left_shoulder': ('left_elbow', 'left_wrist'),
         'right_shoulder': ('right_elbow', 'right_wrist')}
NEVER = HUMAN36M_17.indices(('left_wrist', 'right_wrist', 'left_ankle', 'right_ankle'))
ALWAYS = [i for i in range(17) if i not in NEVER]
# Optical frame: the body's forward is -z, its left x, up -y.
BODY = np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]])


def random_person(seed: int) -> np.ndarray:
    """Return a pose (17, 3), metres, whose limbs are bent."""
    rng = np.random.default_rng(seed)
    pose = standing_pose().numpy() + 0.02 * rng.normal(size=(17, 3))
    for start, (middle, end) in LIMBS.items():
        forward = -1 if 'hip' in start else 1  # knees bend backward
        pose[I(middle)] = pose[I(start)] + [0, 0.3, 0.1 * forward] + 0.03 * rng.normal(size=3)
        pose[I(end)] = pose[I(middle)] + [0, 0.15, -0.2 * forward] + 0.03 * rng.normal(size=3)
    return pose


def matrices(pose: np.ndarray) -> np.ndarray:
    """Return the rotations (17, 3, 3) of the joints that have one, NaN of others."""
    found = joint_orientations(pose)
    known = np.isfinite(found).all(-1)
    result = np.full((17, 3, 3), np.nan)
    result[known] = Rotation.from_quat(found[known]).as_matrix()
    return result


def limb(pose: np.ndarray, start: str, thigh: Rotation, bend: float) -> None:
    """Set a limb that hangs down, is turned by `thigh`, and is bent by `bend` radians."""
    middle, end = LIMBS[start]
    axis = BODY @ [0, 1, 0] * (1 if 'hip' in start else -1)
    bent = Rotation.from_rotvec(bend * axis)
    pose[I(middle)] = pose[I(start)] + thigh.apply([0, 0.4, 0])
    pose[I(end)] = pose[I(middle)] + (thigh * bent).apply([0, 0.35, 0])


def test_upright_people_have_the_axes_of_the_body_everywhere() -> None:
    pose = standing_pose().numpy()
    for start in LIMBS:
        limb(pose, start, Rotation.identity(), 0.5)
    found = matrices(pose)
    for name in ('pelvis', 'spine', 'thorax', 'left_hip', 'right_hip', 'left_shoulder',
                 'right_shoulder'):
        np.testing.assert_allclose(found[I(name)], BODY, atol=1e-9, err_msg=name)
    for name in ('nose', 'head_top'):  # the face of this person is inclined by 2 degrees
        np.testing.assert_allclose(found[I(name)], BODY, atol=0.05, err_msg=name)


@pytest.mark.parametrize('seed', SEEDS)
@pytest.mark.parametrize('start', LIMBS)
def test_the_rotation_of_a_limb_is_found(start: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    turn, bend = Rotation.random(random_state=seed), rng.uniform(0.5, 2.5)
    pose = standing_pose().numpy()
    limb(pose, start, turn, bend)
    found = matrices(pose)
    np.testing.assert_allclose(found[I(start)], turn.as_matrix() @ BODY, atol=1e-6)
    axis = turn.apply(BODY @ [0, 1, 0]) * (1 if 'hip' in start else -1)
    bent = Rotation.from_rotvec(bend * axis) * turn
    np.testing.assert_allclose(found[I(LIMBS[start][0])], bent.as_matrix() @ BODY, atol=1e-6)


@pytest.mark.parametrize('degrees', [0, 15, 19, 165, 180])
def test_a_straight_or_folded_limb_has_no_twist(degrees: float) -> None:
    pose = random_person(0)
    limb(pose, 'left_hip', Rotation.random(random_state=1), np.radians(degrees))
    found = joint_orientations(pose)
    assert np.isnan(found[[I('left_hip'), I('left_knee')]]).all()
    assert np.isfinite(found[[I('right_hip'), I('right_knee'), I('pelvis')]]).all()


def test_a_head_that_turns_leaves_the_trunk_as_it_is() -> None:
    pose = random_person(0)
    before = matrices(pose)
    neck = (pose[I('head_top')] - pose[I('thorax')])
    turn = Rotation.from_rotvec(0.7 * neck / np.linalg.norm(neck))
    pose[I('nose')] = pose[I('thorax')] + turn.apply(pose[I('nose')] - pose[I('thorax')])
    after = matrices(pose)
    for name in ('nose', 'head_top'):
        np.testing.assert_allclose(after[I(name)], turn.as_matrix() @ before[I(name)], atol=1e-9)
    rest = [i for i in ALWAYS if i not in (I('nose'), I('head_top'))]
    np.testing.assert_array_equal(after[rest], before[rest])


@pytest.mark.parametrize('seed', SEEDS)
def test_orientations_turn_with_the_person_and_do_not_move(seed: int) -> None:
    pose, turn = random_person(seed), Rotation.random(random_state=seed)
    shift = np.random.default_rng(seed).uniform(-5, 5, 3)
    found, turned = matrices(pose), matrices(turn.apply(pose) + shift)
    assert np.isfinite(found[ALWAYS]).all()
    np.testing.assert_allclose(turned[ALWAYS], turn.as_matrix() @ found[ALWAYS], atol=1e-6)


@pytest.mark.parametrize('seed', SEEDS)
def test_a_mirrored_person_has_mirrored_orientations(seed: int) -> None:
    pose = random_person(seed)
    mirror = np.diag([-1.0, 1, 1])
    mirrored = (pose @ mirror)[list(HUMAN36M_17.mirror)]
    expected = mirror @ matrices(pose)[list(HUMAN36M_17.mirror)]
    expected[..., 1] *= -1  # to the person's left, which the mirror makes the right
    np.testing.assert_allclose(matrices(mirrored)[ALWAYS], expected[ALWAYS], atol=1e-9)


def test_quaternions_have_length_one_and_hands_and_feet_have_none() -> None:
    found = joint_orientations(np.stack([random_person(s) for s in SEEDS]))
    assert found.shape == (len(SEEDS), 17, 4) and np.isnan(found[:, NEVER]).all()
    np.testing.assert_allclose(np.linalg.norm(found[:, ALWAYS], axis=-1), 1, atol=1e-12)


def test_people_do_not_change_each_other() -> None:
    people = np.stack([random_person(s) for s in SEEDS])
    np.testing.assert_allclose(
        joint_orientations(people), [joint_orientations(p) for p in people], atol=1e-12)


@pytest.mark.parametrize('unknown, lost', [
    ('left_ankle', {'left_hip', 'left_knee'}), ('right_elbow', {'right_shoulder', 'right_elbow'}),
    ('head_top', {'nose', 'head_top'}),
    ('left_hip', {'pelvis', 'spine', 'thorax', 'left_hip', 'left_knee'}),
    ('right_shoulder', {'pelvis', 'spine', 'thorax', 'right_shoulder', 'right_elbow'})])
def test_an_unknown_joint_makes_only_its_segments_unknown(unknown: str, lost: set[str]) -> None:
    pose = random_person(0)
    pose[I(unknown)] = np.nan
    found = joint_orientations(pose)
    missing = {HUMAN36M_17.names[i] for i in ALWAYS if np.isnan(found[i]).any()}
    assert missing == lost


def test_the_spine_is_the_body_frame() -> None:
    for seed in SEEDS:
        pose = Rotation.random(random_state=seed).apply(random_person(seed))
        np.testing.assert_allclose(
            matrices(pose)[I('spine')], body_frame(skeleton(xyz=pose)).axes, atol=1e-9)


def test_nobody_known_is_all_nan() -> None:
    assert np.isnan(joint_orientations(np.full((2, 17, 3), np.nan))).all()
    assert np.isnan(joint_orientations(np.zeros((17, 3)))).all()
    assert joint_orientations(np.zeros((0, 17, 3))).shape == (0, 17, 4)
