# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the fusion that keeps what it gets, for tests of what is around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pose_machine_ros.fusion.config import FusionConfig
from pose_machine_ros.fusion.machine import FusedSkeleton
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Space, unseen_keypoints, unseen_rays
from pose_machine_ros.ros.conversions.camera_results import moved


class MachineStandIn:
    """Says that the first person of each view is one person, seen as the first view sees them."""

    def __init__(self, config: FusionConfig = FusionConfig(),
                 ids: Iterator[str] | None = None) -> None:
        self.config = config
        self.rounds: list[list[View]] = []
        self.resets = 0
        self.error: dict[str, float] = {}  # of each camera, in standard deviations
        self._ids = iter('abcdefgh') if ids is None else ids
        self._id = next(self._ids)

    def step(self, views: Sequence[View]) -> list[FusedSkeleton]:
        self.rounds.append(list(views))
        seeing = [view for view in views if view.skeletons]
        if not seeing:
            return []
        seen = moved(seeing[0].skeletons[0], seeing[0].pose, Space.WORLD_METRIC)
        return [FusedSkeleton(
            replace(seen, id=self._id, keypoints=unseen_keypoints(), rays=unseen_rays()),
            tuple(view.camera for view in seeing))]

    def reset(self) -> None:
        self.resets += 1
        self._id = next(self._ids)

    def residuals(self) -> dict[str, float]:
        return {v.camera: self.error.get(v.camera, 1.0) for v in self.rounds[-1]}
