# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import warnings

import numpy as np
import pytest

from pose_machine_ros.evaluation.error_split import LIMBS, split_error
from pose_machine_ros.skeleton import HUMAN36M_17, LIMB_JOINTS

NAMES = HUMAN36M_17.names
RNG = np.random.default_rng(0)
RAYS = np.array([0.3, -0.2, 4.0]) + 0.5 * RNG.normal(size=(8, 3))
VIEW = RAYS / np.linalg.norm(RAYS, axis=-1, keepdims=True)
TRUTH = RNG.normal(size=(8, 17, 3))
SIDEWAYS = np.linalg.cross(VIEW, [0.0, 1.0, 0.0])
SIDEWAYS /= np.linalg.norm(SIDEWAYS, axis=-1, keepdims=True)
UPWARDS = np.linalg.cross(VIEW, SIDEWAYS)


def split(joints, truth=TRUTH, names=NAMES):
    return split_error(joints, truth, names, RAYS)


def standing(lean_deg):
    """Return people whose trunk leans towards the camera; everything else is at the pelvis."""
    joints = np.zeros((8, 17, 3))
    angle = np.radians(lean_deg)
    trunk = 0.5 * (np.cos(angle) * UPWARDS - np.sin(angle) * VIEW)
    for side in (-1, 1):
        name = 'left' if side < 0 else 'right'
        joints[:, NAMES.index(f'{name}_hip')] = 0.1 * side * SIDEWAYS
        joints[:, NAMES.index(f'{name}_shoulder')] = 0.2 * side * SIDEWAYS + trunk
    return joints


def test_the_truth_has_no_error():
    assert all(value == pytest.approx(0, abs=1e-5) for value in split(TRUTH).values())


@pytest.mark.parametrize('shift', [-0.05, 0.05])
def test_a_shift_along_the_view_is_an_error_along_alone(shift):
    parts = split(TRUTH + shift * VIEW[:, None])
    assert parts['along_mm'] == pytest.approx(50)
    assert parts['across_mm'] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize('direction', [SIDEWAYS, UPWARDS])
def test_a_shift_across_the_view_is_an_error_across_alone(direction):
    parts = split(TRUTH + 0.05 * direction[:, None])
    assert parts['across_mm'] == pytest.approx(50)
    assert parts['along_mm'] == pytest.approx(0, abs=1e-9)


def test_the_length_of_the_rays_does_not_matter():
    joints = TRUTH + 0.1 * RNG.normal(size=TRUTH.shape)
    assert split_error(joints, TRUTH, NAMES, 7 * RAYS) == pytest.approx(split(joints))


@pytest.mark.parametrize('factor', [0.83, 1.1])
def test_the_scale_of_a_scaled_pose_is_its_factor(factor):
    parts = split(factor * TRUTH)
    assert parts['scale_pct'] == pytest.approx(100 * (factor - 1))
    assert parts['scale_error_pct'] == pytest.approx(abs(parts['scale_pct']))


def test_errors_at_random_are_no_scale():
    truth = RNG.normal(size=(2000, 17, 3))
    rays = np.broadcast_to(RAYS[:1], (2000, 3))
    noisy = truth + RNG.normal(size=truth.shape)
    assert abs(split_error(noisy, truth, NAMES, rays)['scale_pct']) < 2


@pytest.mark.parametrize('lean, true_lean', [(0, 30), (40, 10), (-20, 5)])
def test_the_lean_is_the_angle_towards_the_camera(lean, true_lean):
    parts = split(standing(lean), standing(true_lean))
    assert parts['lean_deg'] == pytest.approx(lean - true_lean)
    assert parts['lean_error_deg'] == pytest.approx(abs(lean - true_lean))


def test_leans_that_cancel_out_are_an_error():
    joints = np.where(np.arange(8)[:, None, None] % 2, standing(10), standing(-10))
    parts = split(joints, standing(0))
    assert parts['lean_deg'] == pytest.approx(0, abs=1e-9)
    assert parts['lean_error_deg'] == pytest.approx(10)


def test_a_trunk_turned_about_the_view_does_not_lean():
    upright = standing(20)
    axis = VIEW[:, None]
    turned = np.linalg.cross(axis, upright) + (upright * axis).sum(-1, keepdims=True) * axis
    parts = split(turned, upright)
    assert parts['shoulders_mm'] > 500
    assert parts['lean_error_deg'] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize('limb', LIMBS)
def test_the_error_of_a_limb_is_the_mean_of_left_and_right(limb):
    joints = TRUTH.copy()
    joints[:, NAMES.index(f'left_{limb}')] += [0, 0.08, 0]
    parts = split(joints)
    assert parts[f'{limb}s_mm'] == pytest.approx(40)
    assert all(parts[f'{other}s_mm'] == 0 for other in LIMBS if other != limb)


def test_limb_joints_in_any_order_are_enough():
    joints = TRUTH + 0.1 * RNG.normal(size=TRUTH.shape)
    all_parts = split(joints)
    names = LIMB_JOINTS[::-1]
    rows = HUMAN36M_17.indices(names)
    parts = split(joints[:, rows], TRUTH[:, rows], names)
    for key in ('lean_deg', *(f'{limb}s_mm' for limb in LIMBS)):
        assert parts[key] == pytest.approx(all_parts[key])


def test_unknown_joints_do_not_count():
    truth, joints = TRUTH.copy(), 1.1 * TRUTH
    wrist = NAMES.index('left_wrist')
    truth[:, wrist] = np.nan
    joints[:, wrist] += 9
    joints[2, NAMES.index('nose')] = np.nan
    parts = split(joints, truth)
    assert parts['scale_pct'] == pytest.approx(10)
    other = np.linalg.norm(TRUTH[:, NAMES.index('right_wrist')], axis=-1)
    assert parts['wrists_mm'] == pytest.approx(100 * other.mean())
    assert parts['along_mm'] < 300


def test_frames_without_a_trunk_have_no_lean():
    joints, truth = standing(10), standing(0)
    joints[:4, NAMES.index('right_hip')] = np.nan
    truth[4:6, NAMES.index('left_shoulder')] = np.nan
    assert split(joints, truth)['lean_deg'] == pytest.approx(10)


def test_parts_that_nothing_is_known_about_are_nan():
    truth = TRUTH.copy()
    truth[:, HUMAN36M_17.indices(('left_ankle', 'right_ankle', 'left_shoulder'))] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        parts = split(TRUTH, truth)
        nothing = split(TRUTH, np.full_like(TRUTH, np.nan))
    unknown = {key for key, value in parts.items() if np.isnan(value)}
    assert unknown == {'ankles_mm', 'lean_deg', 'lean_error_deg'}
    assert np.isnan(list(nothing.values())).all()
