# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Held-out motion capture before a depth camera: what it would measure, with its faults.

The people of `mocap_clips` stand before a wall. Their surface is drawn (synthesis/body_surface.py)
in the depth image of each frame, and a scene adds the faults of real cameras to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
import functools
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.mocap_clips import captured_views, CapturedView, Condition
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis.body_surface import draw_spheres, spheres

_LONGER_SIDE = 640  # px
_GIRTH_SIGMA = 0.12  # of its logarithm
_WALL_BEHIND = 0.7  # metres behind the person's farthest joint
_NEAREST, _FARTHEST = 0.6, 7.0  # metres, of all joints
_MOSTLY = 0.95  # share of the joints that have to be in the image
_EDGE = 0.05  # metres
_BASELINE, _FOCAL = 0.05, 640.0  # metres, and px at the sensor, of the stereo camera
# Of a depth camera beside the colour camera: 5 cm to the left, turned by 1 degree.
_BESIDE = RigidTransform(np.array([
    [np.cos(0.02), 0, np.sin(0.02)], [0, 1, 0], [-np.sin(0.02), 0, np.cos(0.02)]]),
    np.array([-0.05, 0.0, 0.01]))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a depth image."""

    noise: float = 0.0  # metres at 1 m, growing with the square of the distance
    holes: float = 0.0  # share of the image that is in holes
    bleeding: int = 0  # px at edges where depths are a mixture of both sides
    step: float = 0.0  # px of disparity to which depths are rounded
    shift: int = 0  # frames by which the depth image is older
    is_float: bool = False  # 32FC1 in metres instead of 16UC1 in millimetres
    is_unregistered: bool = False  # from a camera beside the colour camera
    has_pole: bool = False  # a pole hides the left arm


_STEREO = Fault(noise=0.003, holes=0.1, bleeding=2, step=0.1)
FAULTS = {
    'ideal': Fault(), 'stereo': _STEREO, 'stereo, 32FC1': replace(_STEREO, is_float=True),
    'half are holes': replace(_STEREO, holes=0.5), '1 frame older': replace(_STEREO, shift=1),
    '3 frames older': replace(_STEREO, shift=3),
    'not registered': replace(_STEREO, is_unregistered=True),
    'pole in front': replace(_STEREO, has_pole=True)}


@dataclass(frozen=True)
class DepthScene:
    """A person in front of a colour and a depth camera."""

    view: CapturedView
    camera: Camera  # of the colour image
    girth: float  # of the person, relative to an average adult

    @functools.cached_property
    def clip(self) -> Clip:
        """Return the person in 2D with the ground truth."""
        view = self.view
        return Clip(view.name, view.keypoints(self.camera), view.stamps_ns, self.camera,
                    view.joints[:, :len(HUMAN36M_17)], list(range(len(HUMAN36M_17))), [0],
                    view.height)

    def depth(self, frame: int, fault: Fault) -> DepthImage:
        """Return the depth image that belongs to a frame; the same in every call."""
        rng = np.random.default_rng((frame, len(self.view.stamps_ns)))
        pose = _BESIDE if fault.is_unregistered else None
        metres = self._ideal(max(frame - fault.shift, 0), fault.is_unregistered)
        if fault.has_pole:
            metres = _with_pole(metres, self.camera, self.view.joints[frame])
        metres = _with_faults(metres, fault, rng)
        values = metres if fault.is_float else np.rint(metres * 1e3).astype(np.uint16)
        return DepthImage(values, self.camera, int(self.view.stamps_ns[frame]), pose)

    def _ideal(self, frame: int, is_beside: bool) -> np.ndarray:
        """Return the depths (H, W), metres, of person and wall."""
        part, top, left, wall = self._drawn(frame, is_beside)
        depth = np.full((self.camera.height, self.camera.width), wall, np.float32)
        region = depth[top:top + part.shape[0], left:left + part.shape[1]]
        np.minimum(region, part, out=region)
        return depth

    @functools.lru_cache(maxsize=100_000)
    def _drawn(self, frame: int, is_beside: bool) -> tuple[np.ndarray, int, int, float]:
        """Return the part of the image (h, w) with the person, its place, and the wall's depth."""
        joints = self.view.joints[frame]
        if is_beside:
            joints = _BESIDE.inverse().apply(joints)
        depth = np.full((self.camera.height, self.camera.width), np.inf, np.float32)
        draw_spheres(spheres(joints, self.girth), self.camera, depth)
        rows, columns = (np.flatnonzero(np.isfinite(depth).any(axis)) for axis in (1, 0))
        wall = float(self.view.joints[..., 2].max() + _WALL_BEHIND)
        if not len(rows):
            return depth[:0, :0], 0, 0, wall
        top, left = int(rows[0]), int(columns[0])
        return depth[top:rows[-1] + 1, left:columns[-1] + 1].copy(), top, left, wall

    def __hash__(self) -> int:
        return id(self)


def scenes(data: Path, condition: Condition, max_seconds: float, seed: int = 0,
           split: str = 'test') -> list[DepthScene]:
    """Return those people of `mocap_clips.captured_views` who are in the image all the time."""
    rng = np.random.default_rng(seed)
    found = []
    for view in captured_views(data, condition, max_seconds, seed, split):
        girth = float(np.exp(rng.normal(0, _GIRTH_SIGMA)))
        width, height = np.rint(_LONGER_SIDE * view.half_extent / view.half_extent.max()).tolist()
        focal = width / 2 / view.half_extent[0]
        camera = Camera(np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2],
                                  [0, 0, 1.0]]), int(width), int(height))
        body = view.joints[:, :len(HUMAN36M_17)]
        with np.errstate(divide='ignore', invalid='ignore'):
            inside = (np.abs(body[..., :2] / body[..., 2:]) < view.half_extent).all(-1)
        inside &= (body[..., 2] > _NEAREST) & (body[..., 2] < _FARTHEST)
        if inside.mean() >= _MOSTLY:
            found.append(DepthScene(view, camera, girth))
    return found


def _with_pole(depth: np.ndarray, camera: Camera, joints: np.ndarray) -> np.ndarray:
    """Return the depths with a vertical pole, 10 cm wide, 0.5 m before the person's left elbow."""
    depth = depth.copy()
    elbow = joints[HUMAN36M_17.index('left_elbow')]
    distance = max(joints[:, 2].min() - 0.5, 0.3)
    middle = camera.matrix[0, 0] * elbow[0] / elbow[2] + camera.matrix[0, 2]
    half = 0.05 * camera.matrix[0, 0] / distance
    left, right = (int(np.clip(x, 0, camera.width)) for x in (middle - half, middle + half))
    depth[:, left:right] = distance
    return depth


def _with_faults(depth: np.ndarray, fault: Fault, rng: np.random.Generator) -> np.ndarray:
    """Return the depths (H, W) as a camera with these faults measures them; 0 in holes."""
    if fault.bleeding:
        near, far = (f(depth, np.ones((3, 3), np.uint8), iterations=fault.bleeding)
                     for f in (cv2.erode, cv2.dilate))
        edge = far - near > _EDGE
        share = rng.random(depth.shape, np.float32)
        depth = np.where(edge & (share < 0.7), near + share * (far - near), depth)
    if fault.noise:
        noise = rng.normal(size=depth.shape).astype(np.float32)
        depth = depth + fault.noise * depth * depth * cv2.blur(noise, (3, 3)) * 3
    if fault.step:  # disparity = focal baseline / depth
        unit = fault.step / (_FOCAL * _BASELINE)
        depth = 1 / (np.maximum(np.rint(1 / (depth * unit)), 1) * unit)
    if fault.holes:
        coarse = rng.random((depth.shape[0] // 12 + 1, depth.shape[1] // 12 + 1), np.float32)
        blobs = cv2.resize(coarse, depth.shape[::-1], interpolation=cv2.INTER_LINEAR)
        depth = np.where(blobs < np.quantile(blobs, fault.holes), 0, depth)
    return depth.astype(np.float32)
