# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.windows import standing_pose

from pose_machine_ros.camera import Camera
from pose_machine_ros.camera.rotations import quarter_turn
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.film import Composer, FilmWriter
from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.rendering.view3d import View3D
from pose_machine_ros.skeleton import HUMAN36M_17

CAMERA = Camera(np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), 640, 480)
GREY = np.full((480, 640, 3), 90, np.uint8)


def person(x=0.0, z=4.0):
    """Return a person who faces the camera: their left is at the picture's right."""
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


def test_who_walks_to_the_right_is_drawn_further_right():
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


def test_who_is_nowhere_is_not_drawn():
    lost = replace(person(), xyz=np.full((17, 3), np.nan, np.float32))
    np.testing.assert_array_equal(draw_overlay(GREY, [lost], CAMERA), GREY)
    empty = View3D(600, 480).draw([], CAMERA)
    np.testing.assert_array_equal(View3D(600, 480).draw([lost], CAMERA), empty)


def test_people_behind_the_camera_do_no_harm():
    Composer().draw(GREY, [person(z=-2.0)], CAMERA)


@pytest.mark.parametrize('x, y', [(-500, 300), (900, 300), (300, -500), (300, 900)])
def test_words_stay_in_the_picture(x, y):
    picture, middle = GREY.copy(), GREY.copy()
    style.text(picture, 'p1', (x, y))
    style.text(middle, 'p1', (300, 300))
    assert (picture != 90).sum() > 0.9 * (middle != 90).sum()


def test_ids_keep_their_colours():
    colours = {style.person_colour(f'p{i}') for i in range(1, 7)}
    assert len(colours) == 6
    assert style.person_colour('p3') == style.person_colour('p3')


def test_a_film_holds_all_pictures(tmp_path):
    composer = Composer()
    with FilmWriter(tmp_path / 'film.mp4', 30) as film:
        for i in range(5):
            film.add(composer.draw(GREY, [person(0.1 * i)], CAMERA))
    capture = cv2.VideoCapture(str(tmp_path / 'film.mp4'))
    count = 0
    while capture.read()[0]:
        count += 1
    assert count == 5


def film_of(path, times, fps=30, size=(48, 64)):
    """Write a film of pictures that get brighter, one at each of `times` in s; return its greys."""
    with FilmWriter(path, fps) as film:
        for i, t in enumerate(times):
            film.add(np.full((*size, 3), 20 * (i + 1), np.uint8), round((5 + t) * 1e9))
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(fps)
    greys = []
    while (read := capture.read())[0]:
        greys.append(round(read[1].mean() / 20))
    return greys


def test_pictures_at_any_times_stay_until_the_next(tmp_path):
    times = [0, 1 / 30, 2 / 30, 5 / 30, 6 / 30]
    assert film_of(tmp_path / 'film.mp4', times) == [1, 2, 3, 3, 3, 4, 5]


def test_a_film_lasts_as_long_as_its_pictures(tmp_path):
    times = np.cumsum(np.random.default_rng(0).uniform(0.04, 0.12, 10))
    greys = film_of(tmp_path / 'film.mp4', times, fps=60)
    expected = times[-1] - times[0] + np.median(np.diff(times))  # the last stays for a usual step
    assert len(greys) / 60 == pytest.approx(expected, abs=1.5 / 60)
    begins = np.array([greys.index(i) for i in range(1, 11)]) / 60
    np.testing.assert_allclose(begins, times - times[0], atol=0.6 / 60)


def test_of_pictures_closer_than_a_frame_the_last_is_shown(tmp_path):
    assert film_of(tmp_path / 'film.mp4', [0, 0.1, 0.101, 0.102, 0.2], fps=10) == [1, 4, 5]


def test_a_film_of_one_picture(tmp_path):
    assert film_of(tmp_path / 'film.mp4', [0]) == [1]


@pytest.mark.parametrize('earlier', [None, b'earlier'])
def test_a_film_that_fails_is_not_left_behind(tmp_path, earlier):
    path = tmp_path / 'film.mp4'
    if earlier:
        path.write_bytes(earlier)
    with pytest.raises(RuntimeError):
        with FilmWriter(path, 30) as film:
            film.add(GREY)
            raise RuntimeError
    assert [f.name for f in tmp_path.iterdir()] == ['film.mp4'] * bool(earlier)
    assert not earlier or path.read_bytes() == earlier


def test_a_film_of_no_known_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match='film.txt.*mp4'):
        with FilmWriter(tmp_path / 'film.txt', 30) as film:
            film.add(GREY)


def test_a_film_in_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match='film.mp4'):
        with FilmWriter(tmp_path / 'absent' / 'film.mp4', 30) as film:
            film.add(GREY)


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
