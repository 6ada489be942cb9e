# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion of several cameras: views in, one skeleton a person out, without ROS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton


@dataclass(frozen=True)
class FusedSkeleton:
    """One person in the world frame, and who sees them."""

    skeleton: Skeleton  # space WORLD_METRIC; keypoints, rays and box are those of an unseen person
    seen_by: tuple[str, ...]  # names of the cameras that see the person, in this or a recent view


class FusedPoseMachine:
    """Turns the views of several cameras into one skeleton a person.

    The machine has state: call `step` with the views of every round, as `Rounds` collects them.
    `reset` forgets all people; their ids are not reused.
    """

    def __init__(self, config: FusionConfig = FusionConfig(),
                 ids: Iterator[str] | None = None) -> None:
        """New people get their ids from `ids`."""
        raise NotImplementedError

    def step(self, views: Sequence[View]) -> list[FusedSkeleton]:
        """Return all people at the newest stamp of `views`, in the world, metres.

        `views` are at most one of each camera, new since the last step. They need not have the same
        stamp. People nobody sees are predicted, and LOST once when they are given up.
        """
        raise NotImplementedError

    def reset(self) -> None:
        """Forget all people."""
        raise NotImplementedError

    def residuals(self) -> dict[str, float]:
        """Return the mean reprojection error of each camera's newest views, in sigma, by name."""
        raise NotImplementedError
