# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor, from the feet of people who walk on it."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np

from pose_machine_ros.rig_calibration.tracks import JOINTS

ANKLE_HEIGHT = 0.09  # metres above the floor, of a standing foot
_ANKLE_SIGMA = 0.03  # metres, of that height: feet and networks differ
_FOOT_SIGMA = 0.03  # metres, of a standing foot
_RAISED = 0.03  # metres above the others, from which on a foot counts less
_CORRELATED = 10  # moments with the same errors
_UPRIGHT_SIGMA = math.radians(5.0)  # between the mean direction of the bodies and the vertical
_ROUNDS = 25
_ANKLES, _SHOULDERS = ([JOINTS.index(f'{side}_{part}') for side in ('left', 'right')]
                       for part in ('ankle', 'shoulder'))


@dataclass(frozen=True)
class Ground:
    """The plane of the ankles of standing feet: up . x = level, 9 cm above the floor."""

    up: np.ndarray  # (3,) unit length
    level: float  # in the units of the joints
    tilt_sigma: float  # radians, of the direction, about each axis
    level_sigma: float  # in the units of the joints


def find_ground(joints: np.ndarray, metre: float = 1.0) -> Ground:
    """Return the plane on which people stand.

    `joints` (N, J, 3) are of any frame in units of which `metre` make one metre. Standing feet
    define a plane if people walk about; if they do not, the direction of their bodies is the
    vertical.
    """
    joints = joints / metre
    bodies = joints[:, _SHOULDERS].mean(1) - joints[:, _ANKLES].mean(1)
    bodies /= np.linalg.norm(bodies, axis=-1, keepdims=True).clip(1e-6)
    vertical = np.median(bodies, 0)
    vertical /= np.linalg.norm(vertical)
    across = np.linalg.svd(vertical[None])[2][1:]  # (2, 3)
    ankles = joints[:, _ANKLES].reshape(-1, 3)
    up = vertical
    level = float(np.quantile(ankles @ up, 0.1))
    for _ in range(_ROUNDS):
        above = ankles @ up - level
        loose = np.where(above > 0, _RAISED, 2 * _RAISED)
        weights = 1 / np.square(1 + np.square(above / loose))
        middle = np.average(ankles, axis=0, weights=weights)
        scaled = weights / _CORRELATED / _FOOT_SIGMA ** 2
        spread = (ankles - middle).T @ (scaled[:, None] * (ankles - middle))
        information = across @ spread @ across.T + np.eye(2) / _UPRIGHT_SIGMA ** 2
        tilt = -np.linalg.solve(information, across @ spread @ vertical)
        up = vertical + tilt @ across
        up /= np.linalg.norm(up)
        level = float(middle @ up)
    variance = np.linalg.inv(information)
    away = across @ middle  # the level is that below the origin
    level_sigma = math.sqrt(away @ variance @ away + 1 / scaled.sum())
    return Ground(up, level * metre, math.sqrt(np.trace(variance) / 2), level_sigma * metre)


def height_above_floor(ground: Ground, point: np.ndarray) -> tuple[float, float]:
    """Return height and standard deviation, metres, of a point (3,) of joints in metres."""
    sigma = math.hypot(ground.level_sigma, _ANKLE_SIGMA)
    return float(ground.up @ point - ground.level + ANKLE_HEIGHT), sigma
