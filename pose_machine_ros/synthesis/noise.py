# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How a 2D pose network errs: bias, jitter, swaps, occlusion, truncation, and its scores.

Distances are in units of the person's apparent size (root mean square distance of the keypoints
from their middle), about a quarter of a standing person's height.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pose_machine_ros.skeleton import COCO_17

# Fitted to MoveNet Thunder on the view cam01 of `real_video` (evaluation/keypoints2d.py gives the
# figures): there all limb joints jitter alike, 0.021 to 0.049 with a correlation time of 0.12 s,
# and are off by 0.05 on the whole (root mean square over joints), shoulders and hips most. The face
# is easy, but where it is turned away or small it may be found elsewhere, 0.5 away in cam01.
_FACE = torch.tensor(['nose' in n or 'eye' in n or 'ear' in n for n in COCO_17.names])
_DIFFICULTY = torch.tensor([1.2 if 'wrist' in n or 'ankle' in n else 1.0 for n in COCO_17.names])
_BIAS = torch.tensor([0.05 if 'hip' in n or 'shoulder' in n or 'elbow' in n else 0.035
                      for n in COCO_17.names])
_MIRROR = list(COCO_17.mirror)
# What something before the person hides together: a limb, the legs (a table), the rest (a shelf).
_GROUPS = torch.tensor([[any(part in n for part in parts) for n in COCO_17.names] for parts in (
    ('left_elbow', 'left_wrist'), ('right_elbow', 'right_wrist'),
    ('left_knee', 'left_ankle'), ('right_knee', 'right_ankle'),
    ('hip', 'knee', 'ankle'), ('shoulder', 'nose', 'eye', 'ear'))])
_LIMBS = [[COCO_17.index(n) for n in names] for names in (
    ('left_knee', 'right_knee', 'left_ankle', 'right_ankle'),
    ('left_elbow', 'right_elbow', 'left_wrist', 'right_wrist'),
    COCO_17.names)]


@dataclass(frozen=True)
class NoiseConfig:
    """Strength of each kind of error; rates are episodes per second."""

    jitter: tuple[float, float] = (0.01, 0.045)  # deviation, drawn per clip, log-uniform
    jitter_seconds: float = 0.12  # correlation time
    bias: float = 1.0  # factor on the constant offsets
    occlusion_rate: float = 0.08  # per keypoint group
    occlusion_seconds: float = 0.6
    outlier_rate: float = 0.03  # per keypoint
    swap_rate: float = 0.03  # per limb pair
    # Chance that a keypoint, and one of the face, is never given in a clip: some networks leave out
    # what they are not sure of.
    absent: tuple[float, float] = (0.04, 0.15)
    vanish_rate: float = 0.04  # per keypoint, the same for a while
    lost_face: float = 0.2  # chance that a clip's face is found elsewhere
    face_error: float = 0.25
    score_gain: tuple[float, float] = (0.6, 1.1)  # networks differ in what their scores mean
    plain_scores: float = 0.1  # chance that all keypoints have the same score
    short_seconds: float = 0.12  # length of outliers and swaps
    occluded_error: float = 0.25


def observe(plane: Tensor, half_extent: Tensor, steps: Tensor, generator: torch.Generator,
            config: NoiseConfig = NoiseConfig()) -> tuple[Tensor, Tensor]:
    """Turn true keypoints into what a 2D pose network would give.

    `plane` (B, T, 17, 2) true x/z, y/z; `half_extent` (B, 2) the image's border in the same units;
    `steps` (B, T) seconds since the frame before. Returns noisy `plane`, NaN where unseen, and
    scores (B, T, 17).
    """
    batch, frames, count, _ = plane.shape

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    def randn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    middle = plane.mean(2, keepdim=True)
    size = (plane - middle).square().sum(-1).mean(-1).sqrt()[..., None, None]  # (B, T, 1, 1)

    low, high = config.jitter
    level = low * (high / low) ** rand(batch, 1, 1)
    sigma = (level * _DIFFICULTY).expand(batch, frames, count)

    groups = _episodes(rand, batch, frames, len(_GROUPS), steps, config.occlusion_rate,
                       config.occlusion_seconds)
    behind = (groups[..., None] & _GROUPS).any(-2)
    hidden = behind & (rand(batch, 1, count) < 0.7)
    outlier = _episodes(rand, batch, frames, count, steps, config.outlier_rate,
                        config.short_seconds)
    lost = hidden | outlier
    sigma = torch.where(lost, config.occluded_error * (0.3 + rand(batch, 1, 1)), sigma)

    keep = torch.exp(-steps / config.jitter_seconds)[..., None, None]
    fresh = randn(batch, frames, count, 2)
    noise = [fresh[:, 0]]
    for t in range(1, frames):
        noise.append(keep[:, t] * noise[-1] + (1 - keep[:, t].square()).sqrt() * fresh[:, t])
    error = torch.stack(noise, 1) * sigma[..., None]
    error = error + config.bias * _BIAS[:, None] * randn(batch, 1, count, 2)
    lost_face = rand(batch, 1, 1) < config.lost_face
    shift = config.face_error * randn(batch, 1, 1, 2)
    error = error + torch.where((lost_face & _FACE)[..., None], shift, 0.0)

    seen = plane.clone()
    swapped = _episodes(rand, batch, frames, len(_LIMBS), steps, config.swap_rate,
                        config.short_seconds)
    for limb, joints in enumerate(_LIMBS):
        mirrored = seen[:, :, [_MIRROR[j] for j in joints]]
        seen[:, :, joints] = torch.where(swapped[:, :, limb, None, None], mirrored,
                                         seen[:, :, joints])
    seen = seen + error * size

    good = 0.9 - 3 * (sigma - low).clamp(0, 0.1) + 0.1 * randn(batch, frames, count)
    bad = 0.25 + 0.15 * randn(batch, frames, count)
    scores = torch.where(lost, bad, good)
    scores = torch.where(swapped.any(-1, keepdim=True), scores - 0.15, scores)
    scores = torch.where(_FACE, scores - 0.15 - 0.15 * lost_face, scores)
    least, most = config.score_gain
    scores = scores * (least + (most - least) * rand(batch, 1, 1))
    plain = rand(batch, 1, 1) < config.plain_scores
    scores = torch.where(plain, 0.3 + 0.7 * rand(batch, 1, 1), scores).clamp(0.06, 1.0)

    inside = (plane.abs() < half_extent[:, None, None]).all(-1)
    dropped = hidden & (rand(batch, frames, count) < 0.3)
    chance = torch.where(_FACE, config.absent[1], config.absent[0])
    dropped |= (rand(batch, 1, count) < chance) & (rand(batch, 1, 1) < 0.5)
    dropped |= _episodes(rand, batch, frames, count, steps, config.vanish_rate,
                         config.occlusion_seconds)
    unseen = ~inside | dropped
    return (torch.where(unseen[..., None], torch.nan, seen),
            torch.where(unseen, 0.0, scores))


def _episodes(rand, batch: int, frames: int, count: int, steps: Tensor, rate: float,
              seconds: float) -> Tensor:
    """Return (B, T, count) bool: on for spells of mean length `seconds`, `rate` spells a second."""
    begin, go_on = rand(batch, frames, count), rand(batch, frames, count)
    starts = begin < (rate * steps)[..., None]
    stays = go_on < torch.exp(-steps / seconds)[..., None]
    on = [rand(batch, count) < rate * seconds]
    for t in range(1, frames):
        on.append(starts[:, t] | (on[-1] & stays[:, t]))
    return torch.stack(on, 1)
