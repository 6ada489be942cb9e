# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training of the learned correction, on what the lifter makes of motion capture."""

from __future__ import annotations

import torch
from torch import nn, Tensor

from pose_machine_ros.correction.learned import HIDDEN, LearnedCorrection
from pose_machine_ros.training import losses
from pose_machine_ros.training.lifted_clips import LiftedClips

_STEP_WEIGHTS = (0.3, 0.6, 1.0)  # of the loss after each step
_BONES, _MOTION, _UNCERTAINTY = 0.5, 0.5, 0.02


class UpdateLoss:
    """Loss of one batch: the error of the pose after every step."""

    def __init__(self, network: LearnedCorrection) -> None:
        self._network = network

    def __call__(self, clips: LiftedClips) -> dict[str, Tensor]:
        poses, log_sigma = run_on_clips(self._network, clips)
        target, counted = clips.target, clips.counted

        def over_steps(loss) -> Tensor:
            return sum(weight * loss(pose, target, counted)
                       for weight, pose in zip(_STEP_WEIGHTS, poses))

        return {
            'position': over_steps(losses.position_loss),
            'bones': _BONES * over_steps(losses.bone_loss),
            'motion': _MOTION * losses.motion_loss(poses[-1], target, counted),
            'uncertainty': _UNCERTAINTY * losses.uncertainty_loss(
                poses[-1], log_sigma, target, counted)}


def run_on_clips(network: LearnedCorrection, clips: LiftedClips) -> tuple[list[Tensor], Tensor]:
    """Return the joints after every step, and log standard deviations (B, T, 17, 3)."""
    shape = clips.joints.shape[:2]
    hidden = clips.joints.new_zeros(len(clips), 2, HIDDEN)
    poses, log_sigma, _ = network.steps(clips.evidence(), hidden)
    return [pose.unflatten(0, shape) for pose in poses], log_sigma.unflatten(0, shape)


def validator(clips: LiftedClips, batch: int):
    """Return a function of a network: MPJPE in mm of the lifter and after the correction."""

    @torch.no_grad()
    def validate(network: nn.Module) -> dict[str, float]:
        parts = torch.arange(len(clips)).split(batch)
        poses = torch.cat([run_on_clips(network, clips[part])[0][-1] for part in parts])
        before, after = (1e3 * float(losses.position_loss(x, clips.target, clips.counted))
                         for x in (clips.joints, poses))
        return {'lifter_mpjpe_mm': before, 'corrected_mpjpe_mm': after}

    return validate
