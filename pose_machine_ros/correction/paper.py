# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Correction of the paper: refine a pose so that its learned projection fits the image.

After Wang et al., TPAMI 2020 (arXiv 1901.03798): *refine layers* turn the intermediate 3D pose into
the corrected one, and a *projector*, a network without a camera model, turns that into the 2D pose.
In every frame the weights of the refine layers take two steps of Adam towards the 2D pose of the 2D
network; then they are restored. A correction that moves the trunk by more than 20 mm is discarded.
Unlike the paper's, the refine layers add to the pose instead of replacing it. The correction is
kept for comparison: it does not lower the error.

Poses are in the person camera, metres for a person of NOMINAL_STATURE. 2D poses are COCO-17
keypoints there, at any position and scale: the output of the projector is centred and of size 1,
and the keypoints are moved and scaled to fit it best before the two are compared. So people who are
partly visible can be compared too.
"""

from __future__ import annotations

import torch
from torch import nn, Tensor

from pose_machine_ros.correction.config import PaperConfig
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17

_POSE = 3 * len(HUMAN36M_17)
_WIDTH = 1024
_TRUNK = HUMAN36M_17.indices(
    ('pelvis', 'left_hip', 'right_hip', 'left_shoulder', 'right_shoulder'))


class RefineLayers(nn.Module):
    """Intermediate pose (*, 17, 3) to corrected pose (*, 17, 3), relative to the pelvis."""

    def __init__(self) -> None:
        super().__init__()
        self.widen = nn.Linear(_POSE, _WIDTH)
        self.narrow = nn.Linear(_WIDTH, _POSE)
        nn.init.zeros_(self.narrow.weight)  # the identity at first
        nn.init.zeros_(self.narrow.bias)

    def forward(self, joints: Tensor) -> Tensor:
        moved = self.narrow(self.widen(joints.flatten(-2)).relu()).unflatten(-1, (-1, 3))
        return joints + moved - moved[..., :1, :]


class Projector(nn.Module):
    """3D pose (*, 17, 3) to centred 2D pose (*, 17, 2) of size 1, without a camera model."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(_POSE, _WIDTH)
        self.second = nn.Linear(_WIDTH, _WIDTH)
        self.third = nn.Linear(_WIDTH, _WIDTH)
        self.out = nn.Linear(_WIDTH, 2 * len(COCO_17))

    def forward(self, joints: Tensor) -> Tensor:
        first = self.first(joints.flatten(-2)).relu()
        deep = self.third(self.second(first).relu()).relu()
        return self.out(first + deep).unflatten(-1, (-1, 2))


class PaperCorrection(nn.Module):
    """Refine layers and projector, and the correction at run time."""

    def __init__(self, config: PaperConfig = PaperConfig()) -> None:
        super().__init__()
        self.config = config
        self.refine = RefineLayers()
        self.projector = Projector()

    def correct(self, joints: Tensor, keypoints: Tensor, scores: Tensor) -> Tensor:
        """Return the corrected poses (P, 17, 3).

        `joints` (P, 17, 3) are the intermediate poses, `keypoints` (P, 17, 2) the 2D poses, finite,
        and `scores` (P, 17) are 0 for unseen keypoints. Calls are independent of each other.
        """
        people = len(joints)
        # Each person gets a copy of the refine layers, so one backward pass is enough for all.
        weights = [p.detach().expand(people, *p.shape).clone()
                   for p in self.refine.parameters()]
        first = [torch.zeros_like(w) for w in weights]
        second = [torch.zeros_like(w) for w in weights]
        refined = _refine(weights, joints)
        going = torch.ones(people, dtype=torch.bool, device=joints.device)
        for update in range(1, self.config.updates + 1):
            gradients = self._gradients(weights, joints, keypoints, scores)
            steps = _adam(gradients, first, second, update, self.config.learning_rate)
            for weight, step in zip(weights, steps):
                weight -= step * going.view(-1, *[1] * (step.dim() - 1))
            previous, refined = refined, _refine(weights, joints)
            going = going & (_trunk_change(refined, previous) > self.config.tolerance)
        kept = _trunk_change(refined, joints) <= self.config.max_change
        return torch.where(kept[:, None, None], refined, joints)

    def _gradients(self, weights: list[Tensor], joints: Tensor, keypoints: Tensor,
                   scores: Tensor) -> list[Tensor]:
        with torch.enable_grad():
            free = [w.detach().requires_grad_() for w in weights]
            projected = self.projector(_refine(free, joints))
            difference = projected - align(keypoints, projected, scores)
            per_person = (difference.square().sum(-1) * scores).sum(-1) / scores.sum(-1).clamp_min(
                1e-6)
            return list(torch.autograd.grad(per_person.sum(), free))


def normalize(keypoints: Tensor) -> Tensor:
    """Return 2D poses (*, 17, 2) centred, with a root mean square distance of 1 from the centre."""
    centred = keypoints - keypoints.mean(-2, keepdim=True)
    size = centred.square().sum(-1).mean(-1).sqrt()
    return centred / size.clamp_min(1e-6)[..., None, None]


def align(keypoints: Tensor, onto: Tensor, weights: Tensor) -> Tensor:
    """Move and scale 2D poses (*, 17, 2) to fit those of `onto` best, by `weights` (*, 17).

    No gradient flows through the translation and the scale.
    """
    shares = (weights / weights.sum(-1, keepdim=True).clamp_min(1e-6))[..., None]
    target = onto.detach()
    middle, target_middle = ((x * shares).sum(-2, keepdim=True) for x in (keypoints, target))
    centred, target_centred = keypoints - middle, target - target_middle
    together = (centred * target_centred * shares).sum((-2, -1), keepdim=True)
    alone = (centred.square() * shares).sum((-2, -1), keepdim=True)
    return centred * (together / alone.clamp_min(1e-9)).clamp_min(0) + target_middle


def _refine(weights: list[Tensor], joints: Tensor) -> Tensor:
    """Apply the refine layers with separate weights (P, ...) for each person."""
    widen, widen_bias, narrow, narrow_bias = weights
    hidden = (widen @ joints.flatten(-2)[..., None] + widen_bias[..., None]).relu()
    moved = (narrow @ hidden)[..., 0] + narrow_bias
    moved = moved.unflatten(-1, (-1, 3))
    return joints + moved - moved[:, :1]


def _adam(gradients: list[Tensor], first: list[Tensor], second: list[Tensor], update: int,
          rate: float) -> list[Tensor]:
    """Return a step of Adam (Kingma & Ba 2015), default constants; moments change in place."""
    steps = []
    for gradient, m, v in zip(gradients, first, second):
        m.lerp_(gradient, 0.1)
        v.lerp_(gradient.square(), 0.001)
        steps.append(rate * (m / (1 - 0.9 ** update))
                     / ((v / (1 - 0.999 ** update)).sqrt() + 1e-8))
    return steps


def _trunk_change(joints: Tensor, before: Tensor) -> Tensor:
    """Return the mean distance (P,), metres, that the joints of the trunk moved."""
    return (joints[:, _TRUNK] - before[:, _TRUNK]).norm(dim=-1).mean(-1)
