# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Size of a rig, which the rays do not tell: from a distance, a camera's height, or a person's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.recurrent_lifter import NOMINAL_STATURE
from pose_machine_ros.rig_calibration.bundle_adjustment import BONES
from pose_machine_ros.rig_calibration.floor import ANKLE_HEIGHT, Ground
from pose_machine_ros.rig_calibration.tracks import JOINTS

_STATURE_SIGMA = 0.06  # relative, of the height of adults
_PROPORTION_SIGMA = 0.03  # relative, of leg and trunk to the stature
_STATURE_SHARE = 0.775  # of the stature: thigh, shin, and from the hip to the shoulder
_DISTANCE_SIGMA = 0.01  # metres, of a measured distance or height
_ANKLE_SIGMA = 0.03  # metres, of the height of an ankle above the floor
_MIN_LENGTH = 0.1  # metres, between cameras, and from the floor to a camera


@dataclass(frozen=True)
class Scale:
    """Factor to metres, with its relative error from what is not known of the source.

    The errors of the camera positions (C, 3) change the factor, too: by the relative amount
    `by_positions` . error.
    """

    factor: float
    sigma: float  # relative
    by_positions: np.ndarray  # (C, 3)
    source: str  # in words


def scale_of_distance(names: Sequence[str], positions: np.ndarray,
                      distance: tuple[str, str, float]) -> Scale:
    """Return the scale from the measured distance in metres between two cameras.

    `positions` (C, 3) are those of the cameras `names`. Raises InputError for unknown cameras.
    """
    first, second, metres = distance
    a, b = (_index(names, name, 'distance') for name in (first, second))
    if a == b or not metres >= _MIN_LENGTH:
        raise InputError(f'--distance {first} {second} {metres:g} is not usable: name two cameras '
                         f'and their distance, at least {_MIN_LENGTH:g} m')
    apart = positions[b] - positions[a]
    length = float(np.linalg.norm(apart))
    by_positions = np.zeros_like(positions)
    by_positions[a], by_positions[b] = apart / length ** 2, -apart / length ** 2
    return Scale(metres / length, _DISTANCE_SIGMA / metres, by_positions,
                 f'distance of {first} and {second}, {metres:g} m')


def scale_of_camera_height(names: Sequence[str], positions: np.ndarray, ground: Ground,
                           camera_height: tuple[str, float]) -> Scale:
    """Return the scale from the height in metres of a camera above the floor.

    Raises InputError for an unknown camera, and if people do not stand below it.
    """
    name, metres = camera_height
    index = _index(names, name, 'camera-height')
    above = float(ground.up @ positions[index] - ground.level)
    if not (metres >= ANKLE_HEIGHT + _MIN_LENGTH and above > 0):
        raise InputError(f'--camera-height {name} {metres:g} is not usable: it must be more than '
                         f'{ANKLE_HEIGHT + _MIN_LENGTH:g} m above the feet of the people, which '
                         'must be below the camera')
    by_positions = np.zeros_like(positions)
    by_positions[index] = -ground.up / above
    sigma = np.hypot(ground.level_sigma / above,
                     np.hypot(_DISTANCE_SIGMA, _ANKLE_SIGMA) / (metres - ANKLE_HEIGHT))
    return Scale((metres - ANKLE_HEIGHT) / above, float(sigma), by_positions,
                 f'height of {name} above the floor, {metres:g} m')


def scale_of_stature(cameras: int, lengths: np.ndarray, moments: np.ndarray,
                     height: float | None) -> Scale:
    """Return the scale from the stature of the people.

    `lengths` (P, B) are the bone lengths, and each person was seen in so many of `moments` (P,).
    `height` is that of the person seen most, metres; None if it is not known.
    """
    statures = lengths @ _STATURE_WEIGHTS / _STATURE_SHARE
    none = np.zeros((cameras, 3))
    if height is not None:
        return Scale(height / float(statures[np.argmax(moments)]), _PROPORTION_SIGMA, none,
                     f'stature of the person, {height:g} m')
    mean = float(np.average(statures, weights=moments))
    people = float(np.square(moments.sum()) / np.square(moments).sum())  # effective number
    return Scale(NOMINAL_STATURE / mean, _STATURE_SIGMA / np.sqrt(people), none,
                 f'a stature of {NOMINAL_STATURE:g} m is assumed')


def _index(names: Sequence[str], name: str, option: str) -> int:
    if name not in names:
        raise InputError(f'--{option} names a camera {name}; the cameras are {", ".join(names)}')
    return list(names).index(name)


def _weight(one: str, two: str) -> float:
    """Return the weight of a bone in the sum of thigh, shin and trunk, mean of both sides."""
    counted = {('hip', 'knee'), ('knee', 'ankle'), ('shoulder', 'hip')}
    return 0.5 if (one.split('_')[1], two.split('_')[1]) in counted else 0.0


_STATURE_WEIGHTS = np.array([_weight(JOINTS[a], JOINTS[b]) for a, b in BONES])
