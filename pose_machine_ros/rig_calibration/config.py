# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is known of a rig before its calibration."""

from __future__ import annotations

from dataclasses import dataclass
import math

from pose_machine_ros.errors import InputError

MAX_OFFSET = 60.0  # seconds
_STATURES = (0.5, 2.5)  # metres


@dataclass(frozen=True)
class RigCalibrationConfig:
    """Known scale, clocks, and the name of the frame; at most one source of the scale."""

    max_offset: float = 2.0  # seconds between the clocks of two cameras; 0: they are synchronised
    height: float | None = None  # metres, of the person seen most
    camera_height: tuple[str, float] | None = None  # name of a camera, metres above the floor
    distance: tuple[str, str, float] | None = None  # names of two cameras, metres
    frame: str = 'world'  # name of the frame in which the poses are

    def __post_init__(self) -> None:
        given = [f'--{name.replace("_", "-")}' for name in ('height', 'camera_height', 'distance')
                 if getattr(self, name) is not None]
        if len(given) > 1:
            raise InputError(f'{" and ".join(given)} both give the size of the rig; keep the one '
                             'that is known best')
        if not 0 <= self.max_offset <= MAX_OFFSET:
            raise InputError(f'--max-offset {self.max_offset:g} is not between 0 and '
                             f'{MAX_OFFSET:g} s')
        low, high = _STATURES
        if self.height is not None and not low <= self.height <= high:
            raise InputError(f'--height {self.height:g} is not a stature between {low:g} and '
                             f'{high:g} m')
        for metres in ((self.camera_height or ())[1:], (self.distance or ())[2:]):
            if not all(math.isfinite(m) for m in metres):
                raise InputError(f'{metres[0]} is not a number of metres')
        if not self.frame or self.frame.startswith('/'):
            raise InputError(f'--frame {self.frame!r} is not the name of a frame of ROS 2, which '
                             'has no leading slash')
