# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from pose_machine_ros.depth import body_shape
from pose_machine_ros.skeleton import HUMAN36M_17


def test_spheres_are_between_joints_and_as_thick_as_people():
    np.testing.assert_allclose(body_shape.CENTERS.sum(1), 1, atol=1e-6)
    assert body_shape.RADII.min() > 0.01 and body_shape.RADII.max() < 0.15


def test_both_sides_are_equally_thick():
    rows = {(*np.round(row, 4), round(float(r), 4))
            for row, r in zip(body_shape.CENTERS, body_shape.RADII)}
    mirrored = {(*np.round(row[list(HUMAN36M_17.mirror)], 4), round(float(r), 4))
                for row, r in zip(body_shape.CENTERS, body_shape.RADII)}
    assert rows == mirrored
