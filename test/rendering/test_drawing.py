# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons are drawn where they are: over the image and in space, in lasting colours."""

from dataclasses import replace

import numpy as np
import pytest
from support.observations import standing_pose

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rotations import quarter_turn
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.rendering.side_by_side import SideBySideView
from pose_machine_ros.rendering.view3d import View3D
from pose_machine_ros.skeleton import HUMAN36M_17

CAMERA = Camera(np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), 640, 480)
GREY = np.full((480, 640, 3), 90, np.uint8)


def person(x=0.0, z=4.0):
    """Return a person who faces the camera: their left is at the image's right."""
    xyz = standing_pose().numpy().astype(np.float32) + np.float32([x, 0.1, z])
    unseen = np.full((17, 3), np.nan, np.float32)
    unseen[:, 2] = 0
    return Skeleton('p1', TrackingState.TRACKED, Space.CAMERA_METRIC, xyz,
                    np.zeros((17, 3, 3), np.float32), np.zeros_like(xyz),
                    np.ones(17, np.float32), 1.0, unseen, np.zeros(4, np.float32), 1.0, 0.0)


def where(picture, colour):
    """Middle (u, v) of the pixels of about this colour."""
    rows, columns = np.nonzero(np.abs(picture.astype(int) - colour).sum(-1) < 40)
    assert len(rows) > 20
    return columns.mean(), rows.mean()


def test_the_overlay_is_on_the_person_with_left_at_the_left_side(tmp_path):
    picture = draw_overlay(GREY, [person()], CAMERA)
    left, right = where(picture, style.LEFT), where(picture, style.RIGHT)
    assert left[0] > 320 + 15 and right[0] < 320 - 15
    ankle = CAMERA.matrix @ person().xyz[HUMAN36M_17.index('left_ankle')]
    u, v = (ankle[:2] / ankle[2]).round().astype(int)
    assert (picture[v - 3:v + 4, u - 3:u + 4] != 90).any()
    assert (GREY == 90).all()  # the frame itself is untouched


def test_the_view_in_space_keeps_left_and_right_and_upright():
    picture = View3D(600, 480).draw([person()], CAMERA)
    left, right = where(picture, style.LEFT), where(picture, style.RIGHT)
    assert left[0] > right[0]  # seen from beside the camera, not from behind the person
    upside = replace(person(), xyz=person().xyz * np.float32([1, -1, 1]))
    turned = View3D(600, 480).draw([upside], CAMERA)
    assert where(turned, style.MIDDLE)[1] > where(picture, style.MIDDLE)[1]


def test_a_person_who_walks_to_the_right_is_drawn_further_right():
    view = View3D(600, 480)
    before = where(view.draw([person(-0.4)], CAMERA), style.LEFT)
    after = where(view.draw([person(0.4)], CAMERA), style.LEFT)
    assert after[0] > before[0] + 20


def test_unknown_joints_drop_their_bones_only():
    gap = person()
    gap.xyz[HUMAN36M_17.index('left_wrist')] = np.nan
    view = View3D(600, 480)
    view.draw([person()], CAMERA)
    for draw in (lambda s: draw_overlay(GREY, [s], CAMERA), lambda s: view.draw([s], CAMERA)):
        whole, partial = draw(person()), draw(gap)
        gone = (np.abs(whole.astype(int) - style.LEFT).sum(-1) < 40).sum()
        left = (np.abs(partial.astype(int) - style.LEFT).sum(-1) < 40).sum()
        assert 0.6 * gone < left < 0.98 * gone


def test_a_person_without_a_position_is_not_drawn():
    lost = replace(person(), xyz=np.full((17, 3), np.nan, np.float32))
    np.testing.assert_array_equal(draw_overlay(GREY, [lost], CAMERA), GREY)
    empty = View3D(600, 480).draw([], CAMERA)
    np.testing.assert_array_equal(View3D(600, 480).draw([lost], CAMERA), empty)


def test_people_behind_the_camera_do_no_harm():
    picture = SideBySideView().draw(GREY, [person(z=-2.0)], CAMERA)
    assert picture.shape == SideBySideView().draw(GREY, [], CAMERA).shape


@pytest.mark.parametrize('height, width', [(480, 640), (1080, 1920), (1921, 1081), (33, 65)])
def test_the_image_is_beside_the_view_at_a_size_that_encoders_take(height, width):
    image = np.full((height, width, 3), 90, np.uint8)
    view = SideBySideView()
    pictures = [view.draw(image, people, CAMERA) for people in ([], [person()])]
    assert pictures[0].shape == pictures[1].shape
    rows, columns = pictures[0].shape[:2]
    assert rows % 2 == columns % 2 == 0 and rows <= 720
    assert (pictures[0][:, :rows * width // height - 2] == 90).all()
    assert (pictures[0][:, -1] == style.BACKGROUND).all(-1).mean() > 0.5


@pytest.mark.parametrize('x, y', [(-500, 300), (900, 300), (300, -500), (300, 900)])
def test_words_stay_in_the_image(x, y):
    picture, middle = GREY.copy(), GREY.copy()
    style.draw_text(picture, 'p1', (x, y))
    style.draw_text(middle, 'p1', (300, 300))
    assert (picture != 90).sum() > 0.9 * (middle != 90).sum()


def test_ids_keep_their_colours():
    colours = {style.person_colour(f'p{i}') for i in range(1, 7)}
    assert len(colours) == 6
    assert style.person_colour('p3') == style.person_colour('p3')


@pytest.mark.parametrize('rotation', [90, 180, 270])
def test_people_of_a_turned_camera_stand_on_the_floor(rotation):
    camera = Camera.from_fov(640, 480)
    standing = person()
    turned = replace(standing, xyz=standing.xyz @ quarter_turn(rotation))  # as it sees them
    upright, as_seen = View3D(300, 300), View3D(300, 300, rotation)
    other = camera if rotation == 180 else Camera.from_fov(480, 640)
    ours, theirs = as_seen.draw([turned], other), upright.draw([standing], camera)
    # Only the drawn camera differs
    assert (np.abs(ours.astype(int) - theirs).max(-1) > 40).mean() < 0.02
