# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All settings of the pose machine; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.settings import check, group, setting
from pose_machine_ros.tracking.config import TrackingConfig


@dataclass(frozen=True)
class MachineConfig:
    """All settings of the pose machine."""

    device: str = setting(
        'auto', 'Device of the networks: auto (a GPU if there is one), cpu, cuda or cuda:N',
        dynamic=False)
    keypoints: Keypoints2DConfig = group('keypoints2d', Keypoints2DConfig)
    tracking: TrackingConfig = group('tracking', TrackingConfig)
    lifting: LiftingConfig = group('', LiftingConfig)

    def __post_init__(self) -> None:
        check(self)
