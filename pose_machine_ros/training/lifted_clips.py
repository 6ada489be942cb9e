# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training clips with what the lifter makes of them, so that many passes need the lifter once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from pose_machine_ros.correction.learned import Evidence
from pose_machine_ros.lifting.features import NOMINAL_STEP
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis.clips import ClipSynthesizer
from pose_machine_ros.training.losses import bone_vectors

_MIRROR_BONES = list(HUMAN36M_17.mirror_bones)


@dataclass(frozen=True)
class LiftedClips:
    """B clips of T frames; poses are in the person camera, metres relative to the pelvis."""

    joints: Tensor  # (B, T, 17, 3) the lifter's pose
    log_sigma: Tensor  # (B, T, 17, 3) of the lifter
    target: Tensor  # (B, T, 17, 3) true pose
    counted: Tensor  # (B, T) 0 for frames that do not count, else 1
    plane: Tensor  # (B, T, 17, 2) and `weights` (B, T, 17), `size` (B, T), `rotation`
    weights: Tensor  # (B, T, 3, 3): see PersonView
    size: Tensor
    rotation: Tensor
    time_step: Tensor  # (B, T) seconds, 0 in the first frame

    def __getitem__(self, clips: Tensor) -> LiftedClips:
        return LiftedClips(*(getattr(self, f.name)[clips] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.joints)

    def evidence(self) -> Evidence:
        """Return the input (B T rows) of the learned correction, as FrameLifter makes it."""
        shape = self.joints.shape[:2]
        in_camera = self.joints @ self.rotation
        before = torch.cat((in_camera[:, :1], in_camera[:, :-1]), 1) @ self.rotation.mT
        lengths = bone_vectors(self.joints).norm(dim=-1)
        lengths = (lengths + lengths[..., _MIRROR_BONES]) / 2
        numbers = torch.arange(1, shape[1] + 1, device=self.joints.device).expand(shape)
        return Evidence(*(x.flatten(0, 1) for x in (
            self.joints, self.log_sigma, self.plane, self.weights, self.size, before,
            lengths.cumsum(1) / numbers[..., None], 1 / numbers, self.time_step)))

    def rolled(self, angles: Tensor) -> LiftedClips:
        """Return the clips (B,) as seen by a camera that is rolled by `angles`, radians."""
        c, s = angles.cos(), angles.sin()
        zero, one = torch.zeros_like(c), torch.ones_like(c)
        turn = torch.stack((c, -s, zero, s, c, zero, zero, zero, one), -1)
        turn = turn.view(-1, 1, 3, 3)
        variance = (2 * self.log_sigma).exp() @ turn.square().mT
        return replace(
            self, joints=self.joints @ turn.mT, log_sigma=variance.log() / 2,
            target=self.target @ turn.mT, plane=self.plane @ turn[..., :2, :2].mT,
            rotation=turn @ self.rotation)


@torch.no_grad()
def lift_clips(lifter: RecurrentLifter, batches: ClipSynthesizer, count: int) -> LiftedClips:
    """Return `count` batches with the output of the lifter, averaged over mirror images."""
    parts = []
    for _ in range(count):
        batch = next(batches)
        view = batch.view
        with torch.autocast(batch.joints.device.type, torch.bfloat16):
            joints, log_sigma = average_mirrored(*lifter(with_mirrored(view.features)))
        steps = view.features[..., -1].exp() * NOMINAL_STEP
        steps[:, 0] = 0
        parts.append(LiftedClips(joints.float(), log_sigma.float(), batch.joints, batch.weights,
                                 view.plane, view.weights, view.size, view.rotation, steps))
    return LiftedClips(*(torch.cat([getattr(part, f.name) for part in parts])
                         for f in fields(LiftedClips)))


def random_clips(clips: LiftedClips, batch: int, roll: float, seed: int) -> Iterator[LiftedClips]:
    """Yield `batch` clips without end, each clip once in every pass.

    Each is seen by a camera rolled by an angle of the standard deviation `roll`, radians.
    """
    generator = torch.Generator().manual_seed(seed)
    while True:
        for rows in torch.randperm(len(clips), generator=generator).split(batch):
            if len(rows) == batch:
                angles = roll * torch.randn(batch, generator=generator)
                yield clips[rows.to(clips.joints.device)].rolled(angles.to(clips.joints))
