# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Self-supervision of the lifter by 2D poses of video, without 3D labels."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from pose_machine_ros.lifting.features import PersonView
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.training import losses
from pose_machine_ros.training.trunk_bias import without_bias

_LAG = 9  # later frames that the teacher sees
_TEACHER, _REPROJECTION, _BONES, _SMOOTHNESS = 0.5, 0.5, 0.5, 0.2


class VideoLoss:
    """Loss of a lifter on clips of video.

    The pose must project onto the keypoints, have symmetric and constant bones, move smoothly, and
    agree with a teacher, which keeps it plausible. The teacher is a copy of the lifter as it is at
    first, and also sees `_LAG` later frames and the mirror image. For the teacher and for the
    projection, the keypoints are freed from the bias of the 2D network, if it is known.
    """

    def __init__(self, lifter: RecurrentLifter, bias: Tensor | None = None) -> None:
        """Supervise `lifter`; `bias` (2,) as in `trunk_bias`."""
        self._lifter = lifter
        self._bias = torch.zeros(2) if bias is None else bias
        self._teacher = copy.deepcopy(lifter).eval().requires_grad_(False)

    def __call__(self, view: PersonView) -> dict[str, Tensor]:
        """Return the terms of the loss of clips (B, T, ...)."""
        unbiased = without_bias(view, self._bias)
        half = torch.autocast(view.features.device.type, torch.bfloat16)
        with half:
            joints = self._lifter(view.features)[0].float()
            with torch.no_grad():
                output = self._teacher(with_mirrored(unbiased.features), _LAG)
                taught, log_sigma = (x.float() for x in average_mirrored(*output))
        confidence = torch.exp(-log_sigma.mean((-1, -2)))
        in_camera = joints @ view.rotation
        joints = in_camera @ unbiased.rotation.mT
        return {
            'video_teacher': _TEACHER * losses.position_loss(joints[:, :-_LAG], taught, confidence),
            'video_reprojection': _REPROJECTION * losses.reprojection_loss(joints, unbiased),
            'video_bones': _BONES * (losses.symmetry_loss(joints)
                                     + losses.constancy_loss(joints)),
            'video_smoothness': _SMOOTHNESS * losses.smoothness_loss(in_camera)}
