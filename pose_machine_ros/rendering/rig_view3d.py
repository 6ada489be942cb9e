# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons in the world with the cameras that see them and the rays to their keypoints."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering import style
from pose_machine_ros.skeleton import HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_FOV = math.radians(35)
_TURN, _ELEVATION = math.radians(140), math.radians(24)  # of the viewer, from the cameras' side
_MARGIN = 0.08  # of the picture
_FRUSTUM = 0.45  # metres, drawn length
_NEAR = 0.1  # metres
_RAY = (88, 78, 70)
_MAX_AWAY = 0.35  # metres, mean distance of the joints of a person from the rays to them


def draw_rig(size: tuple[int, int], skeletons: Sequence[Skeleton], views: Sequence[View],
             cameras: Sequence[Camera]) -> np.ndarray:
    """Return an image (H, W, 3) BGR of `size` (W, H), seen from the side and from above.

    `skeletons` are in the world, z up, metres; `views` are those of the `cameras`, in order. The
    floor is drawn below the lowest joint.
    """
    canvas = np.full((size[1], size[0], 3), style.BACKGROUND, np.uint8)
    known = [s for s in skeletons if np.isfinite(s.xyz).all()]
    positions = np.array([view.pose.translation for view in views])
    joints = np.concatenate([s.xyz for s in known]) if known else np.zeros((1, 3))
    floor = float(joints[:, 2].min())
    people = joints.mean(0)
    viewer = _Viewer(size, people, positions, np.concatenate((joints, positions)))
    _draw_floor(canvas, viewer, np.concatenate((joints, positions)), floor)
    for view in views:
        for a, b in rays_to_joints(view, known):
            viewer.line(canvas, a, b, _RAY)
    for view, camera in zip(views, cameras):
        _draw_camera(canvas, viewer, view, camera, floor)
    for skeleton in known:
        _draw_skeleton(canvas, viewer, skeleton, floor)
    style.draw_text(canvas, 'metres, world', (14, size[1] - 14), style.MUTED, 0.45)
    style.draw_text(canvas, 'left', (size[0] - 110, 26), style.LEFT)
    style.draw_text(canvas, 'right', (size[0] - 62, 26), style.RIGHT)
    return canvas


def rays_to_joints(view: View, skeletons: Sequence[Skeleton]) -> np.ndarray:
    """Return the ends (N, 2, 3), world, of the rays of a view to the keypoints it sees.

    A ray ends where it is nearest to the joint of the person of `skeletons`, in the world, who fits
    the rays best. A person in the view who fits nobody has no rays.
    """
    ends = []
    for person in view.skeletons:
        rays = view.pose.rotate(person.rays[SHARED_KEYPOINTS].astype(float))
        seen = np.isfinite(rays).all(-1) \
            & (person.keypoints[SHARED_KEYPOINTS, 2] >= style.MIN_KEYPOINT_SCORE)
        if not seen.any():
            continue
        candidates = []
        for skeleton in skeletons:
            offset = skeleton.xyz[SHARED_JOINTS][seen] - view.pose.translation
            along = (offset * rays[seen]).sum(-1, keepdims=True)
            away = np.linalg.norm(offset - along * rays[seen], axis=-1).mean()
            candidates.append((away, view.pose.translation + along * rays[seen]))
        if candidates:
            away, reached = min(candidates, key=lambda c: c[0])
            if away < _MAX_AWAY:
                ends.append(np.stack((np.broadcast_to(view.pose.translation, reached.shape),
                                      reached), 1))
    return np.concatenate(ends) if ends else np.zeros((0, 2, 3))


class _Viewer:
    """The virtual camera of the picture; it is so far away that all `points` (N, 3) fit."""

    def __init__(self, size: tuple[int, int], people: np.ndarray, cameras: np.ndarray,
                 points: np.ndarray) -> None:
        self._camera = Camera.from_fov(*size, _FOV)
        side = cameras.mean(0) - people if len(cameras) else np.array((1.0, 0, 0))
        azimuth = math.atan2(side[1], side[0]) + _TURN
        back = np.array((math.cos(_ELEVATION) * math.cos(azimuth),
                         math.cos(_ELEVATION) * math.sin(azimuth), math.sin(_ELEVATION)))
        right = np.cross(-back, (0, 0, 1))
        right /= np.linalg.norm(right)
        self._rotation = np.stack((right, np.cross(-back, right), -back))
        self._target = (points.min(0) + points.max(0)) / 2
        self._distance = 2.0
        border = _MARGIN * np.array(size)
        while self._distance < 1e3:
            pixels = self.project(points)
            if ((pixels > border) & (pixels < np.array(size) - border)).all():
                return
            self._distance *= 1.05

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return (*, 2) px of (*, 3) metres, NaN behind the viewer."""
        seen = (np.asarray(points, float) - self._target) @ self._rotation.T \
            + (0, 0, self._distance)
        seen[..., 2] = np.where(seen[..., 2] > _NEAR, seen[..., 2], np.nan)
        return self._camera.project(torch.from_numpy(seen)).numpy()

    def line(self, canvas: np.ndarray, start: object, end: object, colour: style.Colour,
             thickness: int = 1) -> None:
        """Draw a line between two points in the world."""
        a, b = self.project(np.array((start, end), float))
        style.draw_line(canvas, a, b, colour, thickness)


def _draw_floor(canvas: np.ndarray, viewer: _Viewer, points: np.ndarray, floor: float) -> None:
    """Draw a grid of 1 m below all points."""
    (left, near, _), (right, far, _) = np.floor(points.min(0)), np.ceil(points.max(0))
    for x in np.arange(left, right + 1):
        viewer.line(canvas, (x, near, floor), (x, far, floor), style.GRID)
    for y in np.arange(near, far + 1):
        viewer.line(canvas, (left, y, floor), (right, y, floor), style.GRID)


def _draw_camera(canvas: np.ndarray, viewer: _Viewer, view: View, camera: Camera,
                 floor: float) -> None:
    """Draw the frustum of a camera, its name, and a line down to the floor."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float) * (camera.width, camera.height)
    rays = camera.rays(torch.from_numpy(corners)).numpy()
    ends = view.pose.apply(rays / rays[:, 2:] * _FRUSTUM)
    at = view.pose.translation
    viewer.line(canvas, at, (*at[:2], floor), style.GRID)
    for a, b in zip(ends, np.roll(ends, -1, 0)):
        viewer.line(canvas, a, b, style.TEXT)
        viewer.line(canvas, at, a, style.TEXT)
    style.draw_text(canvas, view.camera, tuple(viewer.project(at) + (8, -10)), style.TEXT)


def _draw_skeleton(canvas: np.ndarray, viewer: _Viewer, skeleton: Skeleton, floor: float) -> None:
    on_floor = skeleton.xyz * (1, 1, 0) + (0, 0, floor)
    for parent, child in HUMAN36M_17.bones:
        viewer.line(canvas, on_floor[parent], on_floor[child], style.SHADOW, 2)
    joints = viewer.project(skeleton.xyz)
    style.draw_bones(canvas, joints, skeleton.joint_scores, 3, 3)
    head = joints[HUMAN36M_17.index('head_top')]
    style.draw_text(canvas, skeleton.id, (head[0] - 8, head[1] - 10),
                    style.person_colour(skeleton.id))
