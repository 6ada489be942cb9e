# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the picture says about the pose beyond the keypoints: which limb is near, and which is far.

The paper's 2D-to-3D transformer gets the features of the 2D network. Here motion capture without
pictures trains the lifter, and rendered people train this network, which corrects the lifter's pose
by features of MoveNet Thunder at points of the body.

Rendered people have other postures and other joint centres than real ones, and a network that is
trained on them learns these too. So its result is a difference: the pose that it predicts with the
features, less the pose that it predicts without them. What the two have in common cancels out, and
without features nothing changes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import nn, Tensor
from torch.nn import functional

from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.skeleton import APPEARANCE_POINTS, HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_POINTS = len(APPEARANCE_POINTS)
_POSE = 3 * _JOINTS
_USUAL_SIGMA = 0.1  # metres, of a coordinate
_LOG_SIGMA_LIMIT = 1.0  # of a change


class PictureFeatures(NamedTuple):
    """The features of the pictures of P people, on the device of the network."""

    features: Tensor  # (P, 26, C)
    turn: Tensor  # (P,) radians, by which the crop was rotated
    present: Tensor  # (P,) 1 for people who have features, 0 for others

    @classmethod
    def of(cls, rows: Tensor) -> PictureFeatures:
        """Return the parts of rows (P, 2 + 26 C): present, turn, features."""
        present, turn, features = rows.tensor_split((1, 2), 1)
        return cls(features.unflatten(1, (_POINTS, -1)), turn[:, 0], present[:, 0])


class AppearanceNetwork(nn.Module):
    """Changes the pose of the lifter by the features of the picture."""

    def __init__(self, channels: int, reduced: int = 64, width: int = 384,
                 dropout: float = 0.5, feature_dropout: float = 0.8) -> None:
        """Use `channels` features of each point, of which `reduced` numbers remain."""
        super().__init__()
        self.reduce = nn.Linear(channels, reduced)  # principal components; not trained
        self.pose = nn.Linear(FEATURES + _POSE + 2, width)
        self.picture = nn.Linear(_POINTS * reduced, width)
        self.feature_dropout = nn.Dropout(feature_dropout)
        self.block = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.Dropout(dropout))
        self.head = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(width, 2 * _POSE))
        nn.init.zeros_(self.head[-1].weight)
        nn.init.zeros_(self.head[-1].bias)

    @classmethod
    def of(cls, weights: dict[str, Tensor]) -> AppearanceNetwork:
        """Return a network with these weights."""
        reduced, channels = weights['reduce.weight'].shape
        network = cls(channels, reduced, weights['pose.weight'].shape[0])
        network.load_state_dict(weights)
        return network

    @property
    def channels(self) -> int:
        """Return the number of features of each point."""
        return self.reduce.in_features

    def predict(self, features: Tensor, joints: Tensor, turn: Tensor, picture: Tensor,
                present: Tensor) -> tuple[Tensor, Tensor]:
        """Return the difference (P, 17, 3) of the true pose to `joints`, and its log sigma.

        `features` (P, FEATURES) are those of `view_people`, and `joints` (P, 17, 3) are the
        lifter's. `picture` (P, 26, reduced) counts where `present` (P,) is 1.
        """
        pose = torch.cat((features, joints.flatten(1) / 0.3,
                          torch.stack((turn.sin(), turn.cos()), 1)), 1)
        seen = self.picture(self.feature_dropout(picture.flatten(1)))
        hidden = functional.gelu(self.pose(pose) + seen * present[:, None])
        moved, log_sigma = self.head(hidden + self.block(hidden)).unflatten(
            1, (2, _JOINTS, 3)).unbind(1)
        moved = moved - moved[:, :1]
        return moved * _USUAL_SIGMA, log_sigma.clamp(-3, 2) + math.log(_USUAL_SIGMA)

    def forward(self, features: Tensor, joints: Tensor,
                picture: PictureFeatures) -> tuple[Tensor, Tensor]:
        """Return what the features change: of `joints` (P, 17, 3), and of their log sigma.

        `features` (P, FEATURES) are those of `view_people`. Both changes are 0 for people without
        features of the picture.
        """
        people = len(features)
        reduced = self.reduce(picture.features)
        present = torch.cat((picture.present, torch.zeros_like(picture.present)))
        twice = (x.repeat(2, *[1] * (x.dim() - 1)) for x in (
            features, joints, picture.turn, reduced))
        moved, log_sigma = self.predict(*twice, present)
        moved, log_sigma = moved[:people] - moved[people:], log_sigma[:people] - log_sigma[people:]
        return moved, log_sigma.clamp(-_LOG_SIGMA_LIMIT, _LOG_SIGMA_LIMIT)
