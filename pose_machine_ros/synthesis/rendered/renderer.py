# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures of meshes, by pyrender without a display."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pose_machine_ros.synthesis.rendered.lights import Lights
from pose_machine_ros.synthesis.rendered.meshes import Mesh
from pose_machine_ros.synthesis.rendered.packages import pyrender
from pose_machine_ros.synthesis.rendered.rotations import perpendicular

_TO_OPENGL = np.array((1, -1, -1))  # from the optical frame: OpenGL looks along -z, y is up
_NEAR, _FAR = 0.1, 60.0  # metres
_GAMMA = 2.2
_EDGE = 0.7  # px, softness of the outline
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


class Renderer:
    """Renders square pictures of `size` px; one is enough, because it holds a context."""

    def __init__(self, size: int) -> None:
        self._offscreen = pyrender.OffscreenRenderer(size, size)

    def render(self, meshes: Sequence[Mesh], intrinsics: np.ndarray, lights: Lights,
               roughness: float) -> tuple[np.ndarray, np.ndarray]:
        """Return a picture (S, S, 3) float32 BGR, 0 to 255, and where meshes are (S, S) in [0, 1].

        The meshes are in the camera frame, and `intrinsics` (3, 3) are those of the picture.
        """
        scene = pyrender.Scene(bg_color=(0, 0, 0, 0), ambient_light=np.full(3, lights.ambient))
        material = pyrender.MetallicRoughnessMaterial(
            baseColorFactor=(1.0, 1.0, 1.0, 1.0), metallicFactor=0.0, roughnessFactor=roughness)
        scene.add(pyrender.Mesh([_primitive(mesh, material) for mesh in meshes]))
        (fx, _, cx), (_, fy, cy), _ = intrinsics
        # OpenGL counts from the corner of the first pixel, not from its centre.
        scene.add(pyrender.IntrinsicsCamera(fx, fy, cx + 0.5, cy + 0.5, znear=_NEAR, zfar=_FAR),
                  pose=np.eye(4))
        for direction, colour in zip(lights.directions * _TO_OPENGL, lights.colours):
            scene.add(pyrender.DirectionalLight(color=colour, intensity=lights.intensity),
                      pose=_pose_towards(direction))
        picture, depth = self._offscreen.render(scene)
        # The outermost pixels are mixed with the black around.
        mask = cv2.erode((depth > 0).astype(np.float32), _CROSS)
        return picture[..., ::-1].astype(np.float32), cv2.GaussianBlur(mask, (0, 0), _EDGE)

    def close(self) -> None:
        """Release the context."""
        self._offscreen.delete()


def _primitive(mesh: Mesh, material: pyrender.Material) -> pyrender.Primitive:
    colours = np.column_stack((mesh.colours ** _GAMMA, np.ones(len(mesh.colours))))
    return pyrender.Primitive(
        positions=mesh.vertices * _TO_OPENGL, normals=mesh.normals * _TO_OPENGL,
        indices=mesh.faces, color_0=colours.astype(np.float32), material=material)


def _pose_towards(direction: np.ndarray) -> np.ndarray:
    """Return the pose (4, 4) whose z axis has the direction (3,)."""
    right = perpendicular(direction)
    pose = np.eye(4)
    pose[:3, :3] = np.stack((right, np.cross(direction, right), direction), 1)
    return pose
