# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor below a camera, estimated from the feet of the people it sees.

The feet of one person lie on a plane. Where they stand near and far, it shows the tilt of the
camera. Its height is in units of the person's unknown size, so it is only as good as the mean size
of the people seen is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
import math

import numpy as np

from pose_machine_ros.camera.rotations import quarter_turn
from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import HUMAN36M_17

_ANKLES = HUMAN36M_17.indices(('left_ankle', 'right_ankle'))
_LEGS = [HUMAN36M_17.indices((f'{side}_hip', f'{side}_knee', f'{side}_ankle'))
         for side in ('left', 'right')]
_THORAX = HUMAN36M_17.index('thorax')
_ANKLE_HEIGHT = 0.09  # metres above the floor, of a standing person
_STATURE, _STATURE_SIGMA = 1.7, 0.06  # of adults: metres, and relative to it
_CELL = 0.4  # metres; all that a person's foot shows within a cell counts as one measurement
_MAX_CELLS = 200
_MAX_SPEED = 0.3  # m/s of a foot that stands
_MIN_SCORE = 0.3
_FOOT_SIGMA = 0.12  # metres, of the ankle's height in a cell: errors of the pose, and lifted feet
_DEPTH_SIGMA = 0.04  # the same, relative to the distance
_MIN_STRAIGHT = 0.9  # cosine of the angle at the knees of somebody who stands
_MAX_STEP = 0.7  # metres between their ankles
_ROLL_SIGMA = 0.15  # radians: most cameras are mounted level about their optical axis
_PITCH_SIGMA = 0.6
# Radians, of the axis of people who stand: what all have in common, and of each
_AXIS_SIGMA, _PERSON_AXIS_SIGMA = 0.06, 0.08
_ROBUST = 1.5  # standard deviations beyond which a foot loses influence
_ROUNDS = 5


@dataclass(frozen=True)
class FloorEstimate:
    """A floor with its uncertainty; angles in radians."""

    floor: Floor
    pitch: float  # by which the camera looks down, in the upright image
    height_sigma: float  # metres
    pitch_sigma: float
    people: int  # whose feet were seen

    def __str__(self) -> str:
        pitch, sigma = (round(math.degrees(x)) for x in (self.pitch, self.pitch_sigma))
        return (f'{self.floor.height:.2f} m +- {self.height_sigma:.2f}, pitch {pitch} deg +- '
                f'{max(sigma, 1)}, from {self.people} people')


class FloorEstimator:
    """Collects the places where feet stand. The camera must not move relative to the floor."""

    def __init__(self, rotation: int = 0) -> None:
        """Start without knowledge; `rotation` turns the images upright, degrees clockwise."""
        self.rotation = rotation
        self._upright = quarter_turn(rotation).astype(np.float64)
        # Mean and number of the ankle's positions, upright, by person and cell; nominal metres
        self._cells: dict[tuple[str, int, int], tuple[np.ndarray, int]] = {}
        # Sum of the directions from the feet to the thorax, upright, of those who stand
        self._axes: dict[str, np.ndarray] = {}

    def add(self, skeletons: Iterable[Skeleton]) -> None:
        """Add the people in one image, in the camera's optical frame, metres.

        Their statures do not count: all are taken for adults of unknown size.
        """
        for skeleton in skeletons:
            if skeleton.state.is_seen and np.isfinite(skeleton.stature):
                self._add(skeleton, _STATURE / skeleton.stature)

    def _add(self, skeleton: Skeleton, ratio: float) -> None:
        feet = (skeleton.xyz[_ANKLES] * ratio) @ self._upright.T
        lower = int(feet[:, 1].argmax())  # y points down
        speed = float(np.linalg.norm(skeleton.velocity[_ANKLES[lower]])) * ratio
        # Not with an unseen foot: it may be the one that stands
        if not (skeleton.joint_scores[_ANKLES] > _MIN_SCORE).all() or not speed < _MAX_SPEED:
            return
        foot = feet[lower].astype(np.float64)
        key = (skeleton.id, round(foot[0] / _CELL), round(foot[2] / _CELL))
        mean, count = self._cells.pop(key, (foot, 0))
        self._cells[key] = mean + (foot - mean) / (count + 1), count + 1
        if len(self._cells) > _MAX_CELLS:
            del self._cells[next(iter(self._cells))]
        if _stands(skeleton.xyz, ratio):
            axis = self._upright @ (skeleton.xyz[_THORAX] - skeleton.xyz[_ANKLES].mean(0))
            self._axes[skeleton.id] = self._axes.pop(skeleton.id, 0.0) + axis / np.linalg.norm(axis)
            if len(self._axes) > _MAX_CELLS:
                del self._axes[next(iter(self._axes))]

    def estimate(self) -> FloorEstimate | None:
        """Return the floor, None if no foot was seen.

        Solves y = roll x - pitch z + height + offset for the upright ankles, where each person has
        an offset since their size differs from the mean.
        """
        if not self._cells:
            return None
        points = np.stack([mean for mean, _ in self._cells.values()])
        people = sorted({name for name, _, _ in self._cells})
        owner = np.array([people.index(name) for name, _, _ in self._cells])
        x, y, z = points.T
        rows = np.concatenate((np.stack((x, z, np.ones_like(x)), 1), np.eye(len(people))[owner]), 1)
        sigma = np.hypot(_FOOT_SIGMA, _DEPTH_SIGMA * z)
        tilt, tilt_information = self._tilt_of_people()
        weights, height = np.ones_like(y), max(float(np.median(y)), 0.1)
        for _ in range(_ROUNDS):
            prior = np.concatenate((
                tilt_information, (0.0,), np.full(len(people), (_STATURE_SIGMA * height) ** -2)))
            weighted = rows.T * (weights / sigma ** 2)
            covariance = np.linalg.inv(weighted @ rows + np.diag(prior))
            expected = np.pad(tilt * tilt_information, (0, rows.shape[1] - 2))
            solution = covariance @ (weighted @ y + expected)
            away = np.abs(y - rows @ solution) / sigma
            weights = np.minimum(1.0, _ROBUST / np.maximum(away, 1e-9))
            height = max(float(solution[2]), 0.1)
        return self._of(solution[:3], covariance[:3, :3], len(people))

    def _tilt_of_people(self) -> tuple[np.ndarray, np.ndarray]:
        """Return roll and -pitch (2,) as people stand, and the information (2,) about them."""
        information = np.array((_ROLL_SIGMA, _PITCH_SIGMA)) ** -2
        if not self._axes:
            return np.zeros(2), information
        axes = np.stack([*self._axes.values()])
        slopes = axes[:, (0, 2)] / -axes[:, 1:2]
        of_axes = (_AXIS_SIGMA ** 2 + _PERSON_AXIS_SIGMA ** 2 / len(axes)) ** -1
        total = information + of_axes
        return np.median(slopes, 0) * of_axes / total, total

    def _of(self, plane: np.ndarray, covariance: np.ndarray, people: int) -> FloorEstimate | None:
        """Return the floor of y = a x + b z + c for the ankles, with the covariance of a, b, c."""
        a, b, c = plane.tolist()
        length = math.sqrt(1 + a * a + b * b)
        height = c / length + _ANKLE_HEIGHT
        if height <= 0:
            return None
        normal = np.array((a, -1.0, b)) / length
        slope = np.array((-c * a, -c * b, length ** 2)) / length ** 3
        pitch = math.asin(-normal[2])
        pitch_slope = np.array((a * b, -(1 + a * a), 0.0)) / (length ** 3 * math.cos(pitch))
        up = normal @ self._upright  # in the frame of the image as given
        return FloorEstimate(
            Floor(tuple(up.tolist()), height), pitch, math.sqrt(slope @ covariance @ slope),
            math.sqrt(pitch_slope @ covariance @ pitch_slope), people)


def _stands(xyz: np.ndarray, ratio: float) -> bool:
    """Return whether a person stands upright on both legs, in joints (17, 3) of that scale."""
    for leg in _LEGS:
        hip, knee, ankle = xyz[leg]
        thigh, shin = knee - hip, ankle - knee
        if not thigh @ shin > _MIN_STRAIGHT * np.linalg.norm(thigh) * np.linalg.norm(shin):
            return False
    left, right = xyz[_ANKLES]
    return bool(np.linalg.norm(left - right) * ratio < _MAX_STEP)
