# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stage 3: all networks together, on labelled clips and on 2D poses of unlabelled video."""

from __future__ import annotations

from torch import nn, Tensor

from pose_machine_ros.correction.paper import PaperCorrection
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.synthesis.clips import Batch
from pose_machine_ros.training.correction_stage import CorrectionLoss
from pose_machine_ros.training.lifter_stage import LifterLoss
from pose_machine_ros.training.unlabelled import UnlabelledClips
from pose_machine_ros.training.video_loss import VideoLoss


class LifterWithCorrection(nn.Module):
    """The lifter and the correction of the paper as one network."""

    def __init__(self, lifter: RecurrentLifter, correction: PaperCorrection) -> None:
        super().__init__()
        self.lifter, self.correction = lifter, correction


class FinetuningLoss:
    """Loss of one batch for both networks.

    Labelled clips have the losses of the stages before, and unlabelled video that of `VideoLoss`.
    """

    def __init__(self, networks: LifterWithCorrection, unlabelled: UnlabelledClips | None,
                 seed: int, bias: Tensor | None = None) -> None:
        """Train `networks`; `bias` as in `VideoLoss`."""
        self._supervised = LifterLoss(networks.lifter, seed, lags=(0,))
        self._correction = CorrectionLoss(
            networks.lifter, networks.correction, seed, train_lifter=True)
        self._unlabelled = unlabelled
        self._video = VideoLoss(networks.lifter, bias)

    def __call__(self, batch: Batch) -> dict[str, Tensor]:
        terms = self._supervised(batch)
        terms |= {f'refined_{name}': term for name, term in self._correction(batch).items()}
        if self._unlabelled is not None:
            terms |= self._video(next(self._unlabelled))
        return terms
