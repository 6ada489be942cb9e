# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The picture of the fusion has each camera's image and the world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support import captured
from support.fused_views import exact_view

from pose_machine_ros.evaluation.camera_ring import look_at
from pose_machine_ros.evaluation.fusion_methods import in_world
from pose_machine_ros.evaluation.rigs import CAMERA
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.rig_picture import draw_round
from pose_machine_ros.rendering.rig_view3d import draw_rig, rays_to_joints
from pose_machine_ros.skeleton import SHARED_JOINTS

PERSON = captured.standing()[:17].astype(float)
POSES = [look_at(np.array(p), np.array((0.0, 0, 1))) for p in ((4.0, 0, 1.5), (0.0, 4, 1))]
VIEWS = [exact_view(f'camera{i}', pose, PERSON) for i, pose in enumerate(POSES)]
FUSED = replace(in_world(VIEWS[0], VIEWS[0].skeletons[0]), id='f1')


def has_colour(image: np.ndarray, colour: style.Colour) -> int:
    return int((np.abs(image.astype(int) - colour).max(-1) < 25).sum())


def test_rays_end_at_the_joints_of_the_person() -> None:
    ends = rays_to_joints(VIEWS[1], [FUSED])
    assert ends.shape == (13, 2, 3)
    np.testing.assert_allclose(ends[:, 0], np.tile(POSES[1].translation, (13, 1)))
    np.testing.assert_allclose(ends[:, 1], PERSON[SHARED_JOINTS], atol=1e-4)


def test_of_several_people_the_one_on_the_rays_is_reached() -> None:
    other = replace(FUSED, xyz=FUSED.xyz + (0.4, 0.4, 0))
    ends = rays_to_joints(VIEWS[0], [other, FUSED])
    np.testing.assert_allclose(ends[:, 1], PERSON[SHARED_JOINTS], atol=1e-4)
    assert len(rays_to_joints(VIEWS[0], [replace(FUSED, xyz=FUSED.xyz + (0, 2, 0))])) == 0
    assert len(rays_to_joints(VIEWS[0], [])) == 0


def test_every_image_shows_the_person_and_the_keypoints_where_they_are() -> None:
    images = [np.full((720, 1280, 3), 60, np.uint8) for _ in VIEWS]
    picture = draw_round([FUSED], VIEWS, [CAMERA] * 2, images)
    width = 2 * round(1280 * 600 / 720)
    assert picture.shape[0] == 600 and picture.shape[1] > width
    for i, view in enumerate(VIEWS):
        part = picture[:, i * width // 2:(i + 1) * width // 2]
        assert has_colour(part, style.LEFT) > 50 and has_colour(part, style.RIGHT) > 50
        u, v = (view.skeletons[0].keypoints[9, :2] * 600 / 720).round().astype(int)  # left wrist
        near = part[v - 12:v + 12, u - 12:u + 12]
        assert has_colour(near, style.LEFT) + has_colour(near, style.MIDDLE) > 5
        assert has_colour(part, style.person_colour('f1')) > 20  # rings
    assert has_colour(picture[:, width:], style.LEFT) > 20


@pytest.mark.parametrize('size', [(500, 400), (450, 700)])
def test_everything_is_in_the_picture_of_the_world(size: tuple[int, int]) -> None:
    picture = draw_rig(size, [FUSED], VIEWS, [CAMERA] * 2)
    assert picture.shape == (size[1], size[0], 3)
    for colour in (style.LEFT, style.RIGHT):
        rows, columns = np.nonzero(np.abs(picture[40:].astype(int) - colour).max(-1) < 25)
        assert len(rows) > 20 and columns.min() > 5 and columns.max() < size[0] - 5
    assert has_colour(picture[40:-40], style.TEXT) > 50  # frusta


def test_without_people_there_are_the_cameras() -> None:
    unknown = replace(FUSED, xyz=np.full((17, 3), np.nan))
    picture = draw_rig((400, 300), [unknown], VIEWS, [CAMERA] * 2)
    assert has_colour(picture, style.TEXT) > 50
