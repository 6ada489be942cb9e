# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cameras relative to the first one, without a size and without a floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.rig_calibration.alignment import align, Alignment, MIN_SECONDS
from pose_machine_ros.rig_calibration.bundle_adjustment import BundleAdjustment, Residuals, RigState
from pose_machine_ros.rig_calibration.covariance import camera_covariance
from pose_machine_ros.rig_calibration.observations import Moments
from pose_machine_ros.rig_calibration.people import find_people, place_cameras
from pose_machine_ros.rig_calibration.tracks import CameraTracks


@dataclass(frozen=True)
class RelativeRig:
    """C cameras in the frame of the first one. The unit is a metre if people are nominal."""

    cameras: list[CameraTracks]
    moments: Moments
    state: RigState
    residuals: Residuals
    covariance: np.ndarray  # (C, 7, C, 7), see `camera_covariance`

    @property
    def positions(self) -> np.ndarray:
        """Return where the cameras are, (C, 3)."""
        return -np.einsum('cba,cb->ca', self.state.rotations, self.state.translations)

    @property
    def position_covariance(self) -> np.ndarray:
        """Return the covariance (C, 3, C, 3) of the positions, at this size."""
        turn = self.state.rotations  # a change t of the translation moves a camera by -R^T t
        return np.einsum('cba,cbde,def->cadf', turn, self.covariance[:, 3:6, :, 3:6], turn)


def solve_rig(cameras: list[CameraTracks], max_offset: float) -> RelativeRig:
    """Return where cameras are relative to the first one; `max_offset` is between clocks, seconds.

    Raises InputError for less than two cameras, for cameras without intrinsics, clocks that are
    further apart than `max_offset`, and cameras that saw no person together with another one.
    """
    _check(cameras)
    alignments = _align_all(cameras, max_offset)
    placed = place_cameras(len(cameras), alignments)
    if missing := [c.name for i, c in enumerate(cameras) if i not in placed]:
        raise _not_connected(cameras, missing, max_offset)
    people = find_people(cameras, alignments)
    offsets = np.array([placed[i].offset for i in range(len(cameras))])
    moments = Moments(len(cameras), people, offsets)
    if not len(moments):
        raise _not_connected(cameras, [c.name for c in cameras[1:]], max_offset)
    adjustment = BundleAdjustment(
        moments, len(cameras), moments.people, synchronised=max_offset == 0)
    inverse = [placed[i].pose.inverse() for i in range(len(cameras))]
    state = adjustment.solve(adjustment.start(
        np.stack([p.rotation for p in inverse]), np.stack([p.translation for p in inverse]),
        offsets))
    residuals = adjustment.residuals(state, moments.observe(state.offsets))
    equations = adjustment.normal_equations(state, residuals)
    return RelativeRig(cameras, moments, state, residuals, camera_covariance(
        adjustment, state, residuals, equations, moments.times))


def _check(cameras: list[CameraTracks]) -> None:
    if len(cameras) < 2:
        raise InputError(f'{len(cameras)} camera is no rig; give at least two cameras that see the '
                         'same people')
    for what in ('name', 'frame_id'):
        given = [getattr(c, what) for c in cameras]
        if twice := {g for g in given if given.count(g) > 1}:
            raise InputError(f'two cameras have the {what} {min(twice)}; give each its own')
    for camera in cameras:
        if not camera.calibrated:
            raise InputError(f'{camera.name} has no usable intrinsics; its rays, and so all poses, '
                             'would be guesses: calibrate its lens first, see docs/calibration.md')
        if not any(t.seconds >= MIN_SECONDS for t in camera.tracks):
            raise InputError(f'{camera.name} saw nobody for {MIN_SECONDS:g} s; people have to walk '
                             'through its view')


def _align_all(cameras: list[CameraTracks], max_offset: float
               ) -> dict[tuple[int, int], Alignment]:
    """Return the alignments of all pairs of cameras that saw the same people."""
    result = {}
    for a, first in enumerate(cameras):
        for b, second in list(enumerate(cameras))[a + 1:]:
            gap = max(first.span[0], second.span[0]) - min(first.span[1], second.span[1])
            if gap > max_offset:
                raise InputError(
                    f'{first.name} and {second.name} were not recorded at the same time: their '
                    f'stamps are {gap:.1f} s apart; if only their clocks differ, raise '
                    '--max-offset, otherwise record both at once')
            if (found := align(first, second, max_offset)) is not None:
                result[a, b] = found
    return result


def _not_connected(cameras: list[CameraTracks], missing: list[str],
                   max_offset: float) -> InputError:
    others = [c.name for c in cameras if c.name not in missing]
    return InputError(
        f'no person was seen by {", ".join(missing)} and by {", ".join(others)} at the same time; '
        'let somebody walk where both see them from head to foot'
        + (f', and check that their clocks differ by less than {max_offset:g} s' if max_offset
           else ', and check that they are synchronised, or leave out --synchronised'))
