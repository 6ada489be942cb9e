# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.people2d import leaning_person

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.tracking.bounding_box import crop_region


def test_a_standing_person_gets_an_upright_square_with_a_margin():
    u, v, side, turn = crop_region(leaning_person(), 1.25)
    assert (u, v) == pytest.approx((300, 197.5)) and turn == pytest.approx(0)
    assert side == pytest.approx(1.25 * 185)


@pytest.mark.parametrize('lean', (-2.0, -0.7, 0.3, 1.5))
def test_the_square_turns_with_the_trunk_but_less(lean):
    turn = crop_region(leaning_person(lean), 1.25)[3]
    assert 0.6 < turn / lean < 1


@pytest.mark.parametrize('lean', (0.0, 0.8, -1.5))
def test_all_keypoints_are_inside(lean):
    keypoints = leaning_person(lean)
    u, v, side, turn = crop_region(keypoints, 1.0)
    inside = (keypoints[:, :2] - (u, v)) @ crops.axes(turn)
    assert np.abs(inside).max() == pytest.approx(side / 2)


@pytest.mark.parametrize('part', ('hip', 'shoulder'))
def test_without_a_trunk_the_square_is_upright(part):
    keypoints = leaning_person(0.8)
    keypoints[[i for i, n in enumerate(COCO_17.names) if part in n], 2] = 0
    assert crop_region(keypoints, 1.25)[3] == 0


def test_the_square_of_a_mirrored_person_turns_the_other_way():
    keypoints = leaning_person(0.5)
    mirrored = keypoints[list(COCO_17.mirror)] * [-1, 1, 1] + [600, 0, 0]
    u, v, side, turn = crop_region(keypoints, 1.25)
    np.testing.assert_allclose(crop_region(mirrored, 1.25), (600 - u, v, side, -turn), atol=1e-9)
