# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth images of captured people, with the faults of real cameras."""

from dataclasses import replace

import numpy as np
import pytest
from support.depth_scene import joints
from support.walkers import CAMERA

from pose_machine_ros.evaluation.depth_scenes import DepthScene, Fault, FAULTS
from pose_machine_ros.evaluation.mocap_clips import CapturedView

FRAMES = 4


@pytest.fixture
def scene():
    body = np.stack([joints() + [0.1 * t, 0, 0] for t in range(FRAMES)])
    view = CapturedView('a', np.arange(FRAMES) * 33_333_333, body, np.zeros((FRAMES, 17, 2)),
                        np.ones((FRAMES, 17)), np.ones(2), 1.7, None)
    return DepthScene(view, CAMERA, 1.0)


def metres(scene, frame, fault):
    image = scene.depth(frame, fault)
    columns, rows = np.meshgrid(np.arange(CAMERA.width), np.arange(CAMERA.height))
    return image.metres(columns, rows)


def test_the_ideal_image_shows_person_and_wall(scene):
    depth = metres(scene, 0, Fault())
    wall = scene.view.joints[..., 2].max() + 0.7
    assert depth.max() == pytest.approx(wall, abs=1e-3)
    assert 2.8 < depth.min() < 3.0
    assert 0.03 < (depth < wall - 0.1).mean() < 0.2


def test_both_encodings_and_repeated_calls_agree(scene):
    stereo = FAULTS['stereo']
    in_mm, again, in_m = (metres(scene, 1, fault) for fault in (
        stereo, stereo, replace(stereo, is_float=True)))
    np.testing.assert_array_equal(in_mm, again)
    np.testing.assert_allclose(in_mm, in_m, atol=1e-3)


def test_faults_do_what_they_say(scene):
    ideal = metres(scene, 2, Fault())
    assert np.isnan(metres(scene, 2, Fault(holes=0.3))).mean() == pytest.approx(0.3, abs=0.05)
    noisy = metres(scene, 2, Fault(noise=0.01))
    far = ideal > 3.5
    assert (noisy - ideal)[far].std() == pytest.approx(0.01 * ideal[far].mean() ** 2, rel=0.1)
    np.testing.assert_array_equal(metres(scene, 2, Fault(shift=1)), metres(scene, 1, Fault()))
    mixed = metres(scene, 2, Fault(bleeding=2))
    assert 0 < (np.abs(mixed - ideal) > 0.1).mean() < 0.1
    pole = metres(scene, 2, Fault(has_pole=True))
    assert (pole < ideal - 0.3).any(0).sum() == pytest.approx(0.1 * 600 / pole.min(), abs=3)
    assert scene.depth(2, Fault(is_unregistered=True)).pose is not None
