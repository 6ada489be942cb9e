# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from pose_machine_ros.synthesis.rendered.meshes import box, joined

LOW, HIGH = np.array((-1.0, 2, 0)), np.array((0.5, 3, 4))


def test_a_box_is_closed_and_turned_outwards():
    mesh = box(LOW, HIGH, np.ones(3))
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    normals = np.cross(b - a, c - a)
    # Volume and area of the surface, by the divergence theorem.
    assert np.isclose((a * normals).sum() / 6, np.prod(HIGH - LOW))
    np.testing.assert_allclose(normals.sum(0), 0, atol=1e-12)
    units = normals / np.linalg.norm(normals, axis=-1, keepdims=True)
    np.testing.assert_allclose(units, mesh.normals[mesh.faces[:, 0]])


def test_joined_boxes_keep_their_faces():
    mesh = joined([box(LOW, HIGH, np.ones(3)), box(LOW + 5, HIGH + 5, np.zeros(3))])
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    assert np.isclose((a * np.cross(b - a, c - a)).sum() / 6, 2 * np.prod(HIGH - LOW))
    assert set(mesh.colours[mesh.faces].reshape(-1, 9).sum(1)) == {0, 9}
