# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.depth_scene import joints
from support.walkers import CAMERA

from pose_machine_ros.synthesis.body_surface import draw_spheres, PARTS, spheres


def test_a_sphere_is_drawn_where_it_is():
    depth = np.full((CAMERA.height, CAMERA.width), np.inf, np.float32)
    draw_spheres(np.array([[0.2, -0.1, 3.0, 0.25]]), CAMERA, depth)
    rows, columns = np.nonzero(np.isfinite(depth))
    points = np.stack(((columns - 320) / 600, (rows - 240) / 600, np.ones(len(rows))), 1)
    points *= depth[rows, columns][:, None]
    np.testing.assert_allclose(np.linalg.norm(points - [0.2, -0.1, 3.0], axis=1), 0.25, atol=1e-4)
    assert len(rows) == pytest.approx(np.pi * (600 * 0.25 / 3.0) ** 2, rel=0.03)


def test_the_nearer_of_two_is_kept_and_what_is_behind_the_camera_is_not_drawn():
    depth = np.full((CAMERA.height, CAMERA.width), 2.0, np.float32)
    draw_spheres(np.array([[0, 0, 3.0, 0.5], [0, 0, -2.0, 0.5]]), CAMERA, depth)
    assert (depth == 2).all()


def test_a_stouter_person_is_nearer_everywhere():
    body = joints()
    drawn = []
    for girth in (0.9, 1.1):
        drawn.append(np.full((CAMERA.height, CAMERA.width), 9.0, np.float32))
        draw_spheres(spheres(body, girth), CAMERA, drawn[-1])
    assert (drawn[1] <= drawn[0] + 1e-3).all() and (drawn[1] < drawn[0]).mean() > 0.02
    assert len(PARTS) > 15
