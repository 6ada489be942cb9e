# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Size of a person, which one image does not determine, from a known height, floor or depth.

A person who is 5 % larger and 5 % further away looks the same. So all poses are computed for a
nominal adult, and one factor for each person scales the result about the camera, which leaves the
projection unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import HUMAN36M_17

_ANKLES = HUMAN36M_17.indices(('left_ankle', 'right_ankle'))
_ANKLE_HEIGHT = 0.09  # metres above the floor, of a standing person
_FOOT_SIGMA = 0.08  # metres; feet are lifted, and the pose has errors
_RAISED = 0.25  # metres; a foot higher above the floor gives no measurement
_SECONDS = 2.0  # measurements less than this apart count as one
_POSE_SIGMA = 0.03  # relative, of the distance of a nominal pose; it does not average out
_MAX_SHIFT = 0.5
_MIN_GAIN = 1e-3
_MIN_DROP = 0.15  # metres from the camera down to the ankle; with less, the floor says little


@dataclass(frozen=True)
class Floor:
    """A plane in the camera's optical frame: `normal` . x + `height` = 0 on the floor."""

    normal: tuple[float, float, float]  # up, length 1; (0, -1, 0) for a level camera
    height: float  # metres of the camera above the floor

    def __post_init__(self) -> None:
        length = math.hypot(*self.normal)
        if not (len(self.normal) == 3 and math.isfinite(length) and abs(length - 1) < 0.01):
            raise InputError(f'floor normal {self.normal} is not usable: it must be 3 numbers of '
                             'length 1 that point up, (0, -1, 0) for a level camera')
        if not 0 < self.height < 100:
            raise InputError(f'camera height {self.height} m above the floor is not usable')


def floor_below(height: float, pitch: float) -> Floor:
    """Return the floor `height` metres below a camera that looks down by `pitch` radians."""
    return Floor((0.0, -math.cos(pitch), -math.sin(pitch)), height)


class PersonScale:
    """A person's size relative to the nominal one: a Kalman filter of its logarithm."""

    def __init__(self, ratio: float, sigma: float) -> None:
        """Start with the expected relative size and its relative standard deviation."""
        self._log, self._variance = math.log(ratio), sigma ** 2
        self._is_new = True

    @property
    def ratio(self) -> float:
        """Return the size relative to the nominal one."""
        return math.exp(self._log)

    @property
    def sigma(self) -> float:
        """Return the relative standard deviation of the size, which is that of the distance too."""
        return math.sqrt(self._variance)

    def update_from_floor(self, positions: np.ndarray, floor: Floor, seconds: float) -> None:
        """Update with a nominal pose (17, 3), metres, camera frame, of a person on that floor.

        `seconds` is the time since the last update: errors of neighbouring frames are correlated,
        so those frames count less.
        """
        share = 1.0 if self._is_new else min(1.0, seconds / _SECONDS)
        self._is_new = False
        drop = float((-positions[_ANKLES] @ np.asarray(floor.normal)).max())  # the lower ankle's
        if not drop > _MIN_DROP:
            return
        wanted = floor.height - _ANKLE_HEIGHT
        above = wanted - drop * self.ratio
        if wanted <= 0 or above > _RAISED:
            return
        measured = math.log(wanted / drop)
        variance = (_FOOT_SIGMA / wanted) ** 2
        gain = share * self._variance / (self._variance + variance)
        self._log += gain * (measured - self._log)
        self._variance *= 1 - gain

    def update_from_depth(self, shift: float, variance: float, seconds: float) -> PersonScale:
        """Update with what measured depth says in a frame; return the size for that frame.

        The size known before is to be divided by 1 - `shift`, which has that `variance`; see
        SizeChange. In the frame itself, all of it counts: the pose was found together with it. For
        later frames, errors of the pose count too, and `seconds` as in `update_from_floor`.
        """
        share = 1.0 if self._is_new else min(1.0, seconds / _SECONDS)
        self._is_new = False
        shift = min(max(shift, -_MAX_SHIFT), _MAX_SHIFT)
        variance = min(variance, self._variance)
        moved = -math.log(1 - shift)
        frame = PersonScale(math.exp(self._log + moved), math.sqrt(variance))
        gain = 1 - variance / self._variance  # of a filter whose measurement gives that variance
        if gain > _MIN_GAIN:
            measured = self._variance * (1 / gain - 1) + _POSE_SIGMA ** 2
            kept = self._variance / (self._variance + measured)
            self._log += share * kept / gain * moved
            self._variance *= 1 - share * kept
        return frame
