# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons and the camera in space, seen from beside the camera."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rotations import quarter_turn
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering import style
from pose_machine_ros.skeleton import HUMAN36M_17

_YAW, _PITCH = math.radians(-38), math.radians(16)  # of the viewer, relative to the camera
_FOV = math.radians(40)
_FRUSTUM = 0.35  # metres, drawn length
_BORDER = 8  # points per side of the image border, which distortion bends
_FOLLOW = 0.05  # fraction of the way to the people per frame
_NEAR = 0.1  # metres


class View3D:
    """Draws frame after frame; the viewer follows the people slowly.

    `rotation` is the clockwise angle in degrees by which the image has to be turned to show people
    upright. The view is turned likewise, so that people stand on the floor.
    """

    def __init__(self, width: int, height: int, rotation: int = 0) -> None:
        self._size = width, height
        self._upright = quarter_turn(rotation).T  # for row vectors
        self._viewer = Camera.from_fov(width, height, _FOV)
        self._middle: np.ndarray | None = None
        self._floor = 1.0  # metres below the camera
        cy, sy, cp, sp = math.cos(_YAW), math.sin(_YAW), math.cos(_PITCH), math.sin(_PITCH)
        yaw = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        self._rotation = pitch @ yaw

    def draw(self, skeletons: list[Skeleton], camera: Camera) -> np.ndarray:
        """Return an image (H, W, 3) BGR of `skeletons` and of the `camera` that saw them."""
        canvas = np.full((self._size[1], self._size[0], 3), style.BACKGROUND, np.uint8)
        known = [replace(s, xyz=s.xyz @ self._upright)
                 for s in skeletons if np.isfinite(s.xyz).any()]
        self._follow(known)
        self._draw_floor(canvas)
        self._draw_camera(canvas, camera)
        for skeleton in sorted(known, key=lambda s: -np.nanmean(s.xyz[:, 2])):
            self._draw_skeleton(canvas, skeleton)
        metric = 'metres, camera optical frame' if camera.calibrated else \
            'uncalibrated camera: distances are a guess'
        style.draw_text(canvas, metric, (14, self._size[1] - 14), style.MUTED, 0.45)
        style.draw_text(canvas, 'left', (self._size[0] - 110, 26), style.LEFT)
        style.draw_text(canvas, 'right', (self._size[0] - 62, 26), style.RIGHT)
        return canvas

    def _follow(self, skeletons: list[Skeleton]) -> None:
        if not skeletons:
            return
        middle = np.mean([np.nanmean(s.xyz, 0) for s in skeletons], 0)
        floor = float(np.median([np.nanmax(s.xyz[:, 1]) for s in skeletons]))
        if self._middle is None:
            self._middle, self._floor = middle, floor
        self._middle = self._middle + _FOLLOW * (middle - self._middle)
        self._floor += _FOLLOW * (floor - self._floor)

    def _project(self, points: np.ndarray) -> np.ndarray:
        """Return (*, 2) px of (*, 3) metres in the camera's frame."""
        target = self._middle if self._middle is not None else np.array([0, 0, 3.0])
        # Look between the camera and the people, from a distance at which both fit.
        look_at = target * 0.55
        distance = 1.5 + 1.2 * float(np.linalg.norm(target))
        seen = (points - look_at) @ self._rotation.T + [0, 0, distance]
        seen[..., 2] = np.where(seen[..., 2] > _NEAR, seen[..., 2], np.nan)
        return self._viewer.project(torch.from_numpy(seen)).numpy()

    def _draw_floor(self, canvas: np.ndarray) -> None:
        depth = 4 if self._middle is None else math.ceil(self._middle[2]) + 2
        for x in range(-3, 4):
            self._draw_line(canvas, (x, self._floor, 0), (x, self._floor, depth), style.GRID)
        for z in range(0, depth + 1):
            self._draw_line(canvas, (-3, self._floor, z), (3, self._floor, z), style.GRID)
            at = self._project(np.array((3.08, self._floor, z), float))
            if np.isfinite(at).all():
                style.draw_text(canvas, f'{z} m', tuple(at), style.MUTED, 0.38)

    def _draw_camera(self, canvas: np.ndarray, camera: Camera) -> None:
        """Draw the border of the field of view, and lines to its corners."""
        share = np.linspace(0, 1, _BORDER, endpoint=False)
        corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float) * (camera.width, camera.height)
        border = np.concatenate([a + share[:, None] * (b - a)
                                 for a, b in zip(corners, np.roll(corners, -1, 0))])
        rays = camera.rays(torch.from_numpy(border)).numpy() @ self._upright * _FRUSTUM
        for a, b in zip(rays, np.roll(rays, -1, 0)):
            self._draw_line(canvas, a, b, style.TEXT)
        for corner in rays[::_BORDER]:
            self._draw_line(canvas, (0, 0, 0), corner, style.TEXT)

    def _draw_skeleton(self, canvas: np.ndarray, skeleton: Skeleton) -> None:
        joints = self._project(skeleton.xyz.astype(float))
        on_floor = skeleton.xyz.astype(float) * [1, 0, 1] + [0, self._floor, 0]
        for parent, child in HUMAN36M_17.bones:
            self._draw_line(canvas, on_floor[parent], on_floor[child], style.SHADOW, 2)
        style.draw_bones(canvas, joints, skeleton.joint_scores, 3, 3)
        head = joints[HUMAN36M_17.index('head_top')]
        if np.isfinite(head).all():
            style.draw_text(canvas, skeleton.id, (head[0] - 8, head[1] - 10),
                            style.person_colour(skeleton.id))

    def _draw_line(self, canvas: np.ndarray, start: object, end: object, colour: style.Colour,
                   thickness: int = 1) -> None:
        ends = self._project(np.array((start, end), float))
        style.draw_line(canvas, ends[0], ends[1], colour, thickness)
