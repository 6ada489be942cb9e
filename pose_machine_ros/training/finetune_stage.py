# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stage 3: all networks together, on labelled clips and on 2D poses of unlabelled video."""

from __future__ import annotations

import copy

import torch
from torch import nn, Tensor

from pose_machine_ros.correction.paper import PaperCorrection
from pose_machine_ros.lifting.features import PersonView
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.synthesis.clips import Batch
from pose_machine_ros.training import losses
from pose_machine_ros.training.correction_stage import CorrectionLoss
from pose_machine_ros.training.lifter_stage import LifterLoss
from pose_machine_ros.training.unlabelled import UnlabelledClips

_LAG = 9  # later frames that the teacher sees
_TEACHER, _REPROJECTION, _BONES, _SMOOTHNESS = 0.5, 0.5, 0.5, 0.2


class LifterWithCorrection(nn.Module):
    """The lifter and the correction of the paper as one network."""

    def __init__(self, lifter: RecurrentLifter, correction: PaperCorrection) -> None:
        super().__init__()
        self.lifter, self.correction = lifter, correction


class FinetuningLoss:
    """Loss of one batch for both networks.

    Labelled clips have the losses of the stages before. On unlabelled video the pose must project
    onto the keypoints, have symmetric and constant bones, move smoothly, and agree with a teacher,
    which keeps it plausible. The teacher is a copy of the lifter from before this stage, and also
    sees `_LAG` later frames and the mirror image.
    """

    def __init__(self, networks: LifterWithCorrection, unlabelled: UnlabelledClips | None,
                 seed: int) -> None:
        self._lifter = networks.lifter
        self._supervised = LifterLoss(networks.lifter, seed, lags=(0,))
        self._correction = CorrectionLoss(
            networks.lifter, networks.correction, seed, train_lifter=True)
        self._unlabelled = unlabelled
        self._teacher = copy.deepcopy(networks.lifter).eval().requires_grad_(False)

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        terms = self._supervised(batch)
        terms |= {f'refined_{name}': term for name, term in self._correction(batch).items()}
        if self._unlabelled is not None:
            terms |= self._video_terms(next(self._unlabelled))
        return terms

    def _video_terms(self, view: PersonView) -> dict[str, Tensor]:
        half = torch.autocast(view.features.device.type, torch.bfloat16)
        with half:
            joints = self._lifter(view.features)[0].float()
            with torch.no_grad():
                output = self._teacher(with_mirrored(view.features), _LAG)
                taught, log_sigma = (x.float() for x in average_mirrored(*output))
        confidence = torch.exp(-log_sigma.mean((-1, -2)))
        in_camera = joints @ view.rotation
        return {
            'video_teacher': _TEACHER * losses.position_loss(joints[:, :-_LAG], taught, confidence),
            'video_reprojection': _REPROJECTION * losses.reprojection_loss(joints, view),
            'video_bones': _BONES * (losses.symmetry_loss(joints)
                                     + losses.constancy_loss(joints)),
            'video_smoothness': _SMOOTHNESS * losses.smoothness_loss(in_camera)}
