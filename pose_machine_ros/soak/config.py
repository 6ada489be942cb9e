# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of a soak; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pose_machine_ros.errors import InputError
from pose_machine_ros.soak.growth import MIN_SAMPLES


@dataclass(frozen=True)
class SoakConfig:
    """What runs, and for how long."""

    video: Path
    minutes: float = 60.0
    every: float = 10.0  # seconds between samples
    rate: float = 30.0  # images a second
    width: int | None = None  # px of the published images; None = `VideoFile.reduced_width`
    parameters: dict[str, object] = field(default_factory=dict)  # of the node

    def __post_init__(self) -> None:
        for name in ('minutes', 'every', 'rate'):
            if not getattr(self, name) > 0:
                raise InputError(f'{name} = {getattr(self, name)} must be positive')
        if self.minutes * 60 < MIN_SAMPLES * self.every:
            raise InputError(
                f'{self.minutes} minutes are too short for {MIN_SAMPLES} samples, one every '
                f'{self.every} s: let the soak run for longer, or sample more often')
