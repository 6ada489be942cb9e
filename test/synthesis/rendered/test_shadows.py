# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from pose_machine_ros.synthesis.rendered.shadows import Shadow


def test_a_point_falls_along_the_light():
    shadow = Shadow(np.array((0.5, -1.0)), 0.5, 2.0)
    surface = np.tile((1.0, 2.0, 3.0), (6, 1))
    np.testing.assert_allclose(shadow.dropped(surface), np.tile((2.5, -1.0, 0), (2, 1)))


def test_it_is_dark_where_points_fall_and_light_elsewhere():
    shadow = Shadow(np.zeros(2), 0.6, 2.0)
    x, y = np.meshgrid(np.arange(20, 60), np.arange(30, 50))
    pixels = np.column_stack((x.ravel(), y.ravel(), )).astype(float)
    light = shadow.light(np.concatenate((pixels, [(-500.0, 3), (99.6, 5)])), 100)
    assert np.isclose(light[40, 40], 0.4, atol=0.01) and np.isclose(light[80, 80], 1)
    assert light[:20].min() > 0.99
