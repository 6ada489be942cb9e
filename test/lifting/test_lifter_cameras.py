# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The lifter with cameras that are rotated, have other lenses or are not calibrated."""

from dataclasses import replace

import numpy as np
import pytest
from support.walkers import CAMERA, seen
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.lifting.config import CORRECTIONS, LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.pose import Space

# The rotation that turns an image upright, and where it shows (u, v) of an upright 640x480 image
QUARTER_TURNS = {
    90: (lambda u, v: (v, 639 - u)), 180: (lambda u, v: (639 - u, 479 - v)),
    270: (lambda u, v: (479 - v, u))}


def test_an_uncalibrated_camera_gives_root_relative_skeletons(lifter):
    guess = Camera.from_fov(640, 480)
    assert lifter.step([seen()], 0, guess)[0].space == Space.ROOT_RELATIVE


@pytest.mark.parametrize('rotation', QUARTER_TURNS)
@pytest.mark.parametrize('correction', CORRECTIONS)
def test_a_camera_that_is_turned_sees_the_same_people(correction, rotation):
    sideways = rotation != 180
    matrix = CAMERA.matrix.copy()
    u, v = QUARTER_TURNS[rotation](*CAMERA.matrix[:2, 2])
    matrix[:2, 2] = u, v
    camera = Camera(matrix, *((480, 640) if sideways else (640, 480)))
    upright = PoseLifter(LiftingConfig(correction=correction), 'cpu')
    turned = PoseLifter(LiftingConfig(correction=correction, rotation=rotation), 'cpu')
    angle = np.radians(rotation)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0],
                     [0, 0, 1]])  # of the image, clockwise: x right, y down
    for i in range(4):
        person = seen(i)
        pixels = np.stack(QUARTER_TURNS[rotation](*person.keypoints[:, :2].T), -1)
        other = replace(person, keypoints=np.column_stack(
            (pixels, person.keypoints[:, 2])).astype(np.float32))
        stamp_ns = round(i * 1e9 / 30)
        ours, = turned.step([other], stamp_ns, camera)
        theirs, = upright.step([person], stamp_ns, CAMERA)
        np.testing.assert_allclose(ours.xyz @ turn.T, theirs.xyz, atol=2e-3)
        np.testing.assert_allclose(ours.velocity @ turn.T, theirs.velocity, atol=5e-2)
        np.testing.assert_allclose(turn @ ours.covariance @ turn.T, theirs.covariance, atol=2e-3)
        assert ours.reprojection_px == pytest.approx(theirs.reprojection_px, abs=0.05)


@pytest.mark.parametrize('rotation', QUARTER_TURNS)
def test_the_floor_is_below_the_people_of_a_turned_camera(rotation):
    level = PoseLifter(LiftingConfig(camera_height=1.5, camera_pitch=0.35), 'cpu').floor
    floor = PoseLifter(
        LiftingConfig(camera_height=1.5, camera_pitch=0.35, rotation=rotation), 'cpu').floor
    assert floor.height == level.height
    # Up is where the image as given has the top of the upright image
    across, down = {90: (-1, 0), 180: (0, 1), 270: (1, 0)}[rotation]
    np.testing.assert_allclose(
        floor.normal, (-level.normal[1] * across, -level.normal[1] * down, level.normal[2]),
        atol=1e-6)


# Yaw and pitch in degrees of a person's position in the image of a lens of 190 degrees
@pytest.mark.parametrize('yaw, pitch', [(40, 0), (75, 0), (-60, 20), (92, 0), (120, 0)])
def test_people_at_the_border_of_a_fisheye_are_as_in_the_middle(yaw, pitch):
    """The same rays in a camera with another direction: the same person, rotated."""
    fisheye = Camera(np.array([[300.0, 0, 640], [0, 300, 480], [0, 0, 1]]), 1280, 960,
                     np.array([-0.02, 5e-3, -2e-3, 2e-4]), 'equidistant')
    a, b = np.radians((yaw, pitch))
    turn = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]]) @ turn
    straight, wide = (PoseLifter(LiftingConfig(), 'cpu') for _ in range(2))
    for i in range(6):
        person = seen(i)
        rays = CAMERA.rays(torch.from_numpy(person.keypoints[:, :2]).double())
        pixels = fisheye.project(rays @ torch.from_numpy(turn.T)).numpy()
        assert np.isfinite(pixels[person.keypoints[:, 2] > 0]).all()
        other = replace(person, keypoints=np.column_stack(
            (pixels, person.keypoints[:, 2])).astype(np.float32))
        stamp_ns = round(i * 1e9 / 30)
        theirs, = straight.step([person], stamp_ns, CAMERA)
        ours, = wide.step([other], stamp_ns, fisheye)
    back = ours.xyz @ turn
    # The pitch of the rays is an input of the network, so poses agree closely and not exactly.
    centred = [x - x[:1] for x in (back, theirs.xyz)]
    assert np.linalg.norm(centred[0] - centred[1], axis=-1).mean() < 0.04
    assert np.linalg.norm(back[0] - theirs.xyz[0]) < 0.1 * np.linalg.norm(theirs.xyz[0])
    assert ours.reprojection_px < 3 * theirs.reprojection_px + 3


def test_keypoints_outside_of_the_lens_model_are_unseen(lifter):
    folds = Camera(np.array([[400.0, 0, 320], [0, 400, 240], [0, 0, 1]]), 640, 480,
                   np.array([-0.5, 0, 0, 0]))
    person = seen()
    person.keypoints[9, :2] = 639, 0
    assert folds.rays(torch.from_numpy(person.keypoints[9, :2])).isnan().all()
    skeleton, = lifter.step([person], 0, folds)
    assert np.isfinite(skeleton.xyz).all() and np.isfinite(skeleton.reprojection_px)
    person.keypoints[:, :2] = 639, 0
    skeleton, = PoseLifter(LiftingConfig(), 'cpu').step([person], 0, folds)
    assert np.isnan(skeleton.xyz).all()
