# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stage 3: all networks together, on labelled clips and on 2D poses from real video alone."""

from __future__ import annotations

import copy

import torch
from torch import nn, Tensor

from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.lifting.features import PersonView
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.synthesis.clips import Batch
from pose_machine_ros.training import losses
from pose_machine_ros.training.correction_stage import CorrectionLoss
from pose_machine_ros.training.lifter_stage import LifterLoss
from pose_machine_ros.training.unlabelled import UnlabelledClips

_LAG = 9  # frames of the future that the teacher sees
_TEACHER, _REPROJECTION, _BONES, _SMOOTHNESS = 0.5, 0.5, 0.5, 0.2


class JointNetworks(nn.Module):
    """The lifter and the learned correction as one network."""

    def __init__(self, lifter: RecurrentLifter, correction: LearnedCorrection) -> None:
        super().__init__()
        self.lifter, self.correction = lifter, correction


class JointLoss:
    """Loss of one batch for both networks.

    Labelled clips teach as in the stages before. Real video teaches without labels: the pose must
    project onto the keypoints, keep its bones symmetric and constant, move smoothly, and agree with
    a teacher, which is the lifter as it came here, shown `_LAG` frames of the future and the
    mirror image; the teacher keeps the answer plausible.
    """

    def __init__(self, networks: JointNetworks, unlabelled: UnlabelledClips | None,
                 seed: int) -> None:
        self._lifter = networks.lifter
        self._supervised = LifterLoss(networks.lifter, seed, lags=(0,))
        self._correction = CorrectionLoss(
            networks.lifter, networks.correction, seed, jointly=True)
        self._unlabelled = unlabelled
        self._teacher = copy.deepcopy(networks.lifter).eval().requires_grad_(False)

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        terms = self._supervised(batch)
        terms |= {f'refined_{name}': term for name, term in self._correction(batch).items()}
        if self._unlabelled is not None:
            terms |= self._learn_from_video(next(self._unlabelled))
        return terms

    def _learn_from_video(self, view: PersonView) -> dict[str, Tensor]:
        half = torch.autocast(view.features.device.type, torch.bfloat16)
        with half:
            joints = self._lifter(view.features)[0].float()
            with torch.no_grad():
                answer = self._teacher(with_mirrored(view.features), _LAG)
                taught, log_sigma = (x.float() for x in average_mirrored(*answer))
        sure = torch.exp(-log_sigma.mean((-1, -2)))
        known = joints[:, :-_LAG]
        in_camera = joints @ view.rotation
        return {
            'video_teacher': _TEACHER * losses.position_loss(known, taught, sure),
            'video_reprojection': _REPROJECTION * losses.reprojection_loss(joints, view),
            'video_bones': _BONES * (losses.symmetry_loss(joints)
                                     + losses.constancy_loss(joints)),
            'video_smoothness': _SMOOTHNESS * losses.smoothness_loss(in_camera)}
