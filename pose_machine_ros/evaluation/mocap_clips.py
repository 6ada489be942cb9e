# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Held-out motion capture, seen by synthetic cameras: the part after the 2D network alone.

Every clip of the split `test` is seen by one random camera and goes through the methods as it would
in the node. The bodies are the captured people's own, whose height the lifter isn't told.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.camera import Camera
from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.io.mocap.motion_capture import MotionCapture
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import bodies, noise, views

_FOCAL, _SIZE = 500.0, 4000  # px; the image is large enough to hold everybody
_MATRIX = np.array([[_FOCAL, 0, _SIZE / 2], [0, _FOCAL, _SIZE / 2], [0, 0, 1]])
_CAMERA = Camera(_MATRIX, _SIZE, _SIZE)
_NEAR = 0.3  # metres
_JOINTS = list(range(len(HUMAN36M_17)))


@dataclass(frozen=True)
class View:
    """How the clips are seen."""

    fps: float = 30.0
    is_noisy: bool = True
    dropped: float = 0.0  # share of the frames that are lost


VIEWS = {'clean': View(is_noisy=False), 'noisy': View(), '10 Hz': View(10), '15 Hz': View(15),
         '60 Hz': View(60), '30 % dropped': View(dropped=0.3)}


def clips(data: Path, view: View, max_seconds: float = 3.0, seed: int = 0,
          split: str = 'test') -> list[Clip]:
    """Return the clips of a split as `view` shows them; at most their first `max_seconds`.

    All share their intrinsics and their stamps. `clean` keypoints are the projected joints, `noisy`
    ones have the errors of training's model of a 2D network; frames in which a joint is nearer than
    0.3 m have none, as in training.
    """
    motion = MotionCapture.load(data, split)
    rng = np.random.default_rng(seed)
    grid = np.arange(0, max_seconds, 1 / view.fps)
    grid = grid[rng.random(len(grid)) >= view.dropped]
    result = []
    for index in range(len(motion)):
        captured = motion.clip(index)
        times = grid[grid <= (len(captured) - 1) / motion.fps]
        if len(times) < 3:
            continue
        # Of its own for each clip: so every view of it is by the same camera.
        camera, errors = (torch.Generator().manual_seed(10_000 * seed + 2 * index + i)
                          for i in range(2))
        seen = views.look_at(_sample(captured, times * motion.fps)[None], camera)
        steps = torch.from_numpy(np.diff(times, prepend=times[0])).float()[None]
        result.append(Clip(
            f'clip {index}', _observe(seen, steps, errors, is_noisy=view.is_noisy),
            np.round(times * 1e9).astype(np.int64), _CAMERA,
            seen.joints[0, :, :len(HUMAN36M_17)].numpy().astype(np.float64), _JOINTS, [0],
            bodies.stature_of(captured), _floor(seen)))
    return result


def _floor(seen: views.Views) -> Floor | None:
    height = float(seen.height[0])
    return Floor(tuple(seen.up[0].tolist()), height) if height > 0 else None


def _sample(captured: Tensor, position: np.ndarray) -> Tensor:
    """Return frames at fractional positions, linearly between those captured."""
    before = torch.from_numpy(np.floor(position)).long()
    after = (before + 1).clamp_max(len(captured) - 1)
    share = torch.from_numpy(position).float() - before
    return captured[before].lerp(captured[after], share[:, None, None])


def _observe(seen: views.Views, steps: Tensor, generator: torch.Generator, *,
             is_noisy: bool) -> np.ndarray:
    """Return COCO-17 keypoints (T, 17, 3) in px with scores, NaN where unseen."""
    points = views.coco_points(seen.joints)
    plane = points[..., :2] / points[..., 2:].clamp_min(0.1)
    noisy, scores = noise.observe(plane, seen.half_extent, steps, generator, noise.NoiseConfig())
    if not is_noisy:
        noisy, scores = plane, torch.ones_like(scores)
    scores = torch.where((points[..., 2] > _NEAR).all(-1, keepdim=True), scores, 0.0)
    return torch.cat((noisy * _FOCAL + _SIZE / 2, scores[..., None]), -1)[0].numpy()
