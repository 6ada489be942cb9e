# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stage 2: refine layers and projector of correction/paper.py.

They learn from clips with 3D labels and from clips with 2D poses only.
"""

from __future__ import annotations

import torch
from torch import nn, Tensor

from pose_machine_ros.correction.paper import align, normalize, PaperCorrection
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.synthesis.clips import Batch, ClipSynthesizer
from pose_machine_ros.training import losses

_LABELLED = 0.6  # share of the clips with 3D labels; the 2D pose is the label of the others
_MASKED = 0.1  # share of joints masked for the refine layers, so that they cannot just copy
_PROJECTION, _BONES = 0.1, 0.5


class CorrectionLoss:
    """Loss of one batch; it trains the lifter too with `train_lifter`."""

    def __init__(self, lifter: RecurrentLifter, network: PaperCorrection,
                 seed: int, *, train_lifter: bool = False) -> None:
        self._lifter, self._network = lifter, network
        self._train_lifter = train_lifter
        self._generator = torch.Generator().manual_seed(seed)

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        half = torch.autocast(batch.joints.device.type, torch.bfloat16)
        with torch.set_grad_enabled(self._train_lifter), half:
            intermediate = self._lifter(batch.view.features)[0].float()
        unmasked = torch.rand(intermediate.shape[:-1], generator=self._generator) >= _MASKED
        with half:
            refined = self._network.refine(intermediate * unmasked[..., None].to(intermediate))
            projected = self._network.projector(refined).float()
            # The projector also learns from true poses, so that it remains a projection instead of
            # compensating for errors of the refine layers.
            from_truth = self._network.projector(batch.joints).float()
        labelled = int(_LABELLED * len(refined))
        target, weights = batch.joints[:labelled], batch.weights[:labelled]

        true_pose = normalize(batch.true_plane)
        seen_pose = align(batch.view.plane, projected, batch.view.weights)
        counted = batch.weights[..., None] * torch.ones_like(batch.view.weights)
        return {
            'position': losses.position_loss(refined[:labelled], target, weights),
            'bones': _BONES * losses.bone_loss(refined[:labelled], target, weights),
            'projection': _PROJECTION * (
                _squared_error(projected[:labelled], true_pose[:labelled], counted[:labelled])
                + _squared_error(projected[labelled:], seen_pose[labelled:],
                                 counted[labelled:] * batch.view.weights[labelled:])),
            'projector': _squared_error(from_truth, true_pose, counted)}


def validator(lifter: RecurrentLifter, batches: ClipSynthesizer, count: int):
    """Return a function of the network: MPJPE in mm before and after its correction."""
    fixed = [next(batches) for _ in range(count)]

    @torch.no_grad()
    def validate(network: nn.Module) -> dict[str, float]:
        before, after = [], []
        for batch in fixed:
            joints, _ = lifter(batch.view.features)
            corrected = network.correct(
                joints[:, -1], batch.view.plane[:, -1], batch.view.weights[:, -1])
            target, weights = batch.joints[:, -1], batch.weights[:, -1]
            before.append(losses.position_loss(joints[:, -1], target, weights))
            after.append(losses.position_loss(corrected, target, weights))
        return {'intermediate_mpjpe_mm': 1e3 * float(torch.stack(before).mean()),
                'corrected_mpjpe_mm': 1e3 * float(torch.stack(after).mean())}

    return validate


def _squared_error(a: Tensor, b: Tensor, weights: Tensor) -> Tensor:
    return losses.weighted_mean((a - b).square().sum(-1), weights)
