# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
from support.stick_body import stick_body

from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, MOCAP_25
from pose_machine_ros.synthesis.rendered.person import Person

LIMB_JOINTS = COCO_17.names[5:]


def standing(frames=3):
    """Return a captured person (T, 25, 3) who slides by 0.2 m along x in each frame."""
    joints = np.repeat(captured.standing().astype(float)[None], frames, 0)
    return joints + 0.2 * np.arange(frames)[:, None, None] * np.array((1.0, 0, 0))


@pytest.fixture
def person():
    return Person(*stick_body(), np.random.default_rng(4))


def test_a_standing_person_stands_on_the_floor(person):
    posed = person.pose(standing())
    assert posed.surface[..., 2].min() == pytest.approx(0, abs=1e-6)
    ankles = posed.joints[:, HUMAN36M_17.indices(('left_ankle', 'right_ankle')), 2]
    assert (ankles > 0).all() and (ankles < 0.2).all()


def test_a_person_moves_as_far_as_its_legs_are_long(person):
    posed = person.pose(standing())
    np.testing.assert_allclose(posed.joints[0, 0, :2], 0, atol=1e-6)

    def leg(joints, names):
        hip, knee, ankle = (joints[names.index(f'left_{n}')] for n in ('hip', 'knee', 'ankle'))
        return np.linalg.norm(hip - knee) + np.linalg.norm(knee - ankle)

    ratio = leg(posed.joints[0], HUMAN36M_17.names) / leg(standing()[0], MOCAP_25.names)
    np.testing.assert_allclose(posed.joints[2, 0, 0], 0.4 * ratio, rtol=0.02)


def test_joints_and_keypoints_agree(person):
    posed = person.pose(standing())
    for name in LIMB_JOINTS:
        gap = posed.joints[:, HUMAN36M_17.index(name)] - posed.keypoints[:, COCO_17.index(name)]
        assert np.linalg.norm(gap, axis=-1).max() < 0.02


def test_normals_point_outwards(person):
    posed = person.pose(standing())
    model, _ = stick_body()
    head = np.flatnonzero(model.vertex_parts == 'head')[:24]
    outward = posed.surface[0, head] - posed.surface[0, head].mean(0)
    assert ((posed.normals[0, head] * outward).sum(-1) > 0).all()


def test_stature_is_that_of_the_rest_pose(person):
    assert person.stature == pytest.approx(np.ptp(person.skin_at_rest()[:, 2]))
    assert 1.2 < person.stature < 2.2
