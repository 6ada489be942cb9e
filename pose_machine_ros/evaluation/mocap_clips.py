# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Held-out motion capture seen by synthetic cameras: a test of everything after the 2D network.

A random camera sees each clip of the split `test`. The bodies are those of the captured people, and
the lifter does not know their height. In `sitting`, they have the legs of a person who sits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.sitting import seated
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import bodies, noise, views

_FOCAL, _SIZE = 500.0, 4000  # px; the image is large enough for every person
_MATRIX = np.array([[_FOCAL, 0, _SIZE / 2], [0, _FOCAL, _SIZE / 2], [0, 0, 1]])
_CAMERA = Camera(_MATRIX, _SIZE, _SIZE)
_NEAR = 0.3  # metres
_JOINTS = list(range(len(HUMAN36M_17)))


@dataclass(frozen=True)
class Condition:
    """Frame rate and noise of the clips, and whether the people sit."""

    fps: float = 30.0
    is_noisy: bool = True
    dropped: float = 0.0  # share of the frames
    is_sitting: bool = False


CONDITIONS = {'clean': Condition(is_noisy=False), 'noisy': Condition(),
              'sitting': Condition(is_noisy=False, is_sitting=True), '10 Hz': Condition(10),
              '15 Hz': Condition(15), '60 Hz': Condition(60),
              '30 % dropped': Condition(dropped=0.3)}
# Of every frame at 30 Hz: for the parts of the error, and for people of known height or floor.
AT_30_HZ = ('clean', 'noisy', 'sitting')


def clips(data: Path, condition: Condition, max_seconds: float, seed: int = 0,
          split: str = 'test') -> list[Clip]:
    """Return the clips of a split under a condition; at most their first `max_seconds`.

    All have the same intrinsics and stamps. Clean keypoints are the projected joints; noisy
    keypoints have the errors of the noise model of the training. As in training, frames in which a
    joint is nearer than 0.3 m have no keypoints.
    """
    return [Clip(
        view.name, view.keypoints(_CAMERA), view.stamps_ns, _CAMERA,
        view.joints[:, :len(HUMAN36M_17)], _JOINTS, [0], view.height, view.floor)
        for view in captured_views(data, condition, max_seconds, seed, split)]


@dataclass(frozen=True)
class CapturedView:
    """T frames of a captured person as a camera sees them."""

    name: str
    stamps_ns: np.ndarray  # (T,) int64
    joints: np.ndarray  # (T, 25, 3) float64, metres, camera frame
    plane: np.ndarray  # (T, 17, 2) COCO-17 keypoints as x/z, y/z; NaN where unseen
    scores: np.ndarray  # (T, 17) their scores, 0 where unseen
    half_extent: np.ndarray  # (2,) x/z and y/z at the border of the image
    height: float  # metres, of the person
    floor: Floor | None

    def keypoints(self, camera: Camera) -> np.ndarray:
        """Return COCO-17 in the image (T, 17, 3), px and scores, for a lens without distortion."""
        (fx, _, cx), (_, fy, cy), _ = camera.matrix
        pixels = (self.plane * np.float32((fx, fy)) + np.float32((cx, cy))).astype(np.float32)
        return np.concatenate((pixels, self.scores[..., None]), -1)


def captured_views(data: Path, condition: Condition, max_seconds: float, seed: int = 0,
                   split: str = 'test') -> Iterator[CapturedView]:
    """Yield what `clips` returns as clips, before it is brought into one image."""
    motion = MotionCaptureDataset.load(data, split)
    rng = np.random.default_rng(seed)
    grid = np.arange(0, max_seconds, 1 / condition.fps)
    grid = grid[rng.random(len(grid)) >= condition.dropped]
    for index in range(len(motion)):
        captured = motion.clip(index)
        times = grid[grid <= (len(captured) - 1) / motion.fps]
        if len(times) < 3:
            continue
        # Generators of its own for each clip give it the same camera under every condition.
        camera, errors = (torch.Generator().manual_seed(10_000 * seed + 2 * index + i)
                          for i in range(2))
        if condition.is_sitting:
            captured = seated(captured, torch.Generator().manual_seed(10_000 * seed + index))
        seen = views.sample_views(_sample(captured, times * motion.fps)[None], camera)
        steps = torch.from_numpy(np.diff(times, prepend=times[0])).float()[None]
        plane, scores = _keypoints(seen, steps, errors, is_noisy=condition.is_noisy)
        yield CapturedView(
            f'clip {index}', np.round(times * 1e9).astype(np.int64),
            seen.joints[0].numpy().astype(np.float64), plane, scores, seen.half_extent[0].numpy(),
            bodies.stature_of(captured), _floor(seen))


def _floor(seen: views.CameraViews) -> Floor | None:
    height = float(seen.height[0])
    return Floor(tuple(seen.up[0].tolist()), height) if height > 0 else None


def _sample(captured: Tensor, position: np.ndarray) -> Tensor:
    """Return captured joints at fractional frames, linearly between frames."""
    before = torch.from_numpy(np.floor(position)).long()
    after = (before + 1).clamp_max(len(captured) - 1)
    share = torch.from_numpy(position).float() - before
    return captured[before].lerp(captured[after], share[:, None, None])


def _keypoints(seen: views.CameraViews, steps: Tensor, generator: torch.Generator, *,
               is_noisy: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return COCO-17 keypoints (T, 17, 2) as x/z and y/z, NaN where unseen, and scores (T, 17)."""
    points = views.coco_points(seen.joints)
    plane = views.image_plane(points)
    noisy, scores = noise.add_detection_noise(plane, seen.half_extent, steps, generator)
    if not is_noisy:
        noisy, scores = plane, torch.ones_like(scores)
    scores = torch.where((points[..., 2] > _NEAR).all(-1, keepdim=True), scores, 0.0)
    return noisy[0].numpy(), scores[0].numpy()
