# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Short captured motions with varied postures, at random frame rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.synthesis import bodies, postures
from pose_machine_ros.synthesis.clips import ClipSynthesizer

SHORTEST_STEP, LONGEST_STEP = 1 / 30, 1 / 4  # seconds between two frames
_TOLERANCE = 1e-4  # seconds
_BATCH, _WINDOW = 64, 40  # clips, and frames of each, that are drawn at once
# Limbs of another clip go through the trunk at times, which shows in a picture.
_POSTURES = postures.PostureConfig(mix=0.15)


@dataclass(frozen=True)
class Motion:
    """T frames of one captured person."""

    joints: np.ndarray  # (T, 25, 3) MOCAP_25, metres, z up
    steps: np.ndarray  # (T,) seconds since the frame before; 0 for the first


def short_motions(data: MotionCaptureDataset, frames: int, seed: int) -> Iterator[Motion]:
    """Yield endless random motions of `frames` frames; the same seed gives the same motions."""
    clips = ClipSynthesizer(data, _BATCH, _WINDOW, seed)
    generator = torch.Generator().manual_seed(seed)
    while True:
        joints, others, steps, captured = clips.motion()
        picked, valid = _pick_frames(steps, captured, frames, generator)
        row = torch.arange(len(picked))[:, None]
        joints, others = joints[row, picked][valid], others[row, picked][valid]
        times = steps.cumsum(1)[row, picked][valid]
        steps = times.diff(dim=1, prepend=times[:, :1])
        joints = postures.randomize_postures(joints, others, steps, generator, _POSTURES)
        flip = torch.rand(len(joints), generator=generator) < 0.5
        joints = torch.where(flip[:, None, None, None], bodies.mirror(joints), joints)
        joints = bodies.randomize_bodies(joints, generator)
        yield from map(Motion, joints.double().numpy(), steps.double().numpy())


def _pick_frames(steps: Tensor, captured: Tensor, frames: int,
                 generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return frames (B, frames) that are about equally far apart in time, and which B are usable.

    `steps` (B, T) are seconds, and `captured` (B, T) says which frames the clip has.
    """
    time = steps.cumsum(1)
    batch, window = steps.shape
    ratio = LONGEST_STEP / SHORTEST_STEP
    step = SHORTEST_STEP * ratio ** torch.rand(batch, generator=generator)
    picked = (torch.rand(batch, generator=generator) * window / 2).long()[:, None]
    for _ in range(frames - 1):
        due = time.gather(1, picked[:, -1:]) + step[:, None] - _TOLERANCE
        following = torch.searchsorted(time, due).clamp_max(window - 1)
        picked = torch.cat((picked, following), 1)
    gaps = time.gather(1, picked).diff(dim=1)
    valid = ((gaps >= SHORTEST_STEP - _TOLERANCE) & (gaps <= LONGEST_STEP + _TOLERANCE)).all(1)
    return picked, valid & captured.gather(1, picked).all(1)
