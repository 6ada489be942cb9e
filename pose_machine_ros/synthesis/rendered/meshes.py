# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Triangle meshes of the things in a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_QUAD = np.array(((0, 1, 2), (0, 2, 3)))


@dataclass(frozen=True)
class Mesh:
    """A surface that is seen from outside, where its triangles turn counterclockwise."""

    vertices: np.ndarray  # (V, 3) metres
    normals: np.ndarray  # (V, 3)
    faces: np.ndarray  # (F, 3)
    colours: np.ndarray  # (V, 3) RGB in [0, 1]

    def seen(self, rotation: np.ndarray, position: np.ndarray) -> Mesh:
        """Return the mesh in the frame of a camera at `position` (3,), turned by `rotation`."""
        return Mesh((self.vertices - position) @ rotation.T, self.normals @ rotation.T, self.faces,
                    self.colours)


def box(low: np.ndarray, high: np.ndarray, colour: np.ndarray) -> Mesh:
    """Return a box between two corners (3,), with its edges along the axes."""
    vertices, normals, faces = [], [], []
    for axis in range(3):
        for sign, corner in ((-1, low), (1, high)):
            # The other two axes, in the order that makes the face turn counterclockwise.
            a, b = ((axis + 1) % 3, (axis + 2) % 3)[::sign]
            for share_a, share_b in ((0, 0), (1, 0), (1, 1), (0, 1)):
                point = np.array(corner, float)
                point[a] = (low[a], high[a])[share_a]
                point[b] = (low[b], high[b])[share_b]
                vertices.append(point)
                normals.append(sign * np.eye(3)[axis])
            faces.append(_QUAD + 4 * len(faces))
    return Mesh(np.array(vertices), np.array(normals), np.concatenate(faces),
                np.tile(colour, (len(vertices), 1)))


def joined(meshes: list[Mesh]) -> Mesh:
    """Return several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(*(np.concatenate([getattr(mesh, name) for mesh in meshes])
                  for name in ('vertices', 'normals')),
                np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts)]),
                np.concatenate([mesh.colours for mesh in meshes]))
