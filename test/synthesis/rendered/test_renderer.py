# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.synthesis.rendered.lights import random_lights
from pose_machine_ros.synthesis.rendered.meshes import box
from pose_machine_ros.synthesis.rendered.viewpoint import project


@pytest.fixture(scope='module')
def renderer():
    for package in ('anny', 'pyrender'):
        pytest.importorskip(package, reason=f'{package} is optional: docs/training.md')
    from pose_machine_ros.synthesis.rendered.renderer import Renderer
    renderer = Renderer(400)
    yield renderer
    renderer.close()


def test_a_marker_is_rendered_where_it_is_projected(renderer):
    intrinsics = np.array(((300.0, 0, 210), (0, 320, 190), (0, 0, 1)))
    lights = random_lights(np.array((0.0, -1, 0)), np.random.default_rng(0))
    for centre in np.array(((0.3, -0.2, 2.0), (-0.9, 0.5, 3.0), (0, 0, 5.0))):
        cube = box(centre - 0.04, centre + 0.04, np.ones(3))
        _, mask = renderer.render([cube], intrinsics, lights, 1.0)
        rows, columns = np.nonzero(mask > 0.5)
        seen = np.array((columns.min() + columns.max(), rows.min() + rows.max())) / 2
        # The nearer side of the cube is seen; its middle is on a ray next to that of the centre.
        corners = project(cube.vertices, intrinsics)
        np.testing.assert_allclose(seen, (corners.min(0) + corners.max(0)) / 2, atol=1)


def test_nothing_is_rendered_behind_the_far_plane(renderer):
    lights = random_lights(np.array((0.0, -1, 0)), np.random.default_rng(0))
    centre = np.array((0, 0, 100.0))
    intrinsics = np.array(((300.0, 0, 200), (0, 300, 200), (0, 0, 1)))
    _, mask = renderer.render([box(centre - 5, centre + 5, np.ones(3))], intrinsics, lights, 1.0)
    assert mask.max() == 0
