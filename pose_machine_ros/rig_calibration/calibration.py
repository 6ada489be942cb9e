# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The calibration of a rig: what its cameras saw of people in, their poses out."""

from __future__ import annotations

from dataclasses import dataclass
import logging
import math

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.rig_calibration.alignment import align, Alignment, MIN_SECONDS
from pose_machine_ros.rig_calibration.bundle_adjustment import BundleAdjustment, RigState
from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
from pose_machine_ros.rig_calibration.covariance import camera_covariance
from pose_machine_ros.rig_calibration.floor import find_ground, Ground, height_above_floor
from pose_machine_ros.rig_calibration.observations import Moments
from pose_machine_ros.rig_calibration.people import find_people, place_cameras
from pose_machine_ros.rig_calibration.scale import (
    Scale, scale_of_camera_height, scale_of_distance, scale_of_stature)
from pose_machine_ros.rig_calibration.tracks import CameraTracks, JOINTS

_LOGGER = logging.getLogger(__name__)
_MAX_ERROR = 0.12  # metres, median distance of rays and joints; more means that they do not fit
_FEW_SECONDS = 20.0  # with less, the uncertainty is large
_HIPS = [JOINTS.index(f'{side}_hip') for side in ('left', 'right')]


@dataclass(frozen=True)
class CalibratedCamera:
    """A camera of a rig; deviations are those relative to the first camera."""

    name: str
    frame_id: str
    pose: RigidTransform  # of the optical frame in the frame of the rig
    time_offset: float  # seconds, to add to the stamps
    position_covariance: np.ndarray  # (3, 3) square metres, in the frame of the rig
    rotation_covariance: np.ndarray  # (3, 3) square radians, about the axes of the optical frame
    time_sigma: float  # seconds
    errors: np.ndarray  # (E,) metres, distances of joints to their rays

    @property
    def position_sigma(self) -> float:
        """Root mean square of the distance to the true position, metres."""
        return math.sqrt(np.trace(self.position_covariance))

    @property
    def rotation_sigma(self) -> float:
        """Root mean square of the angle to the true rotation, radians."""
        return math.sqrt(np.trace(self.rotation_covariance))


@dataclass(frozen=True)
class RigCalibration:
    """The poses of all cameras, and what they were found with."""

    frame: str  # z up, the floor at z = 0; the first camera is above 0, 0 and looks along x
    cameras: list[CalibratedCamera]
    scale_source: str
    scale_sigma: float  # relative
    floor_tilt_sigma: float  # radians, about each horizontal axis
    floor_height_sigma: float  # metres, of the floor below the first camera
    times: np.ndarray  # (N,) seconds, by the clock of the first camera
    person: np.ndarray  # (N,) number of the person
    joints: np.ndarray  # (N, J, 3) metres, in the frame of the rig

    @property
    def paths(self) -> list[np.ndarray]:
        """Return the way of each person, positions between the hips (F, 3)."""
        roots = self.joints[:, _HIPS].mean(1)
        return [roots[self.person == p] for p in np.unique(self.person)]


def calibrate_rig(cameras: list[CameraTracks],
                  config: RigCalibrationConfig = RigCalibrationConfig()) -> RigCalibration:
    """Return the poses of cameras from the people they saw.

    Raises InputError for less than two cameras, for cameras without intrinsics, clocks that are
    further apart than `config.max_offset`, cameras that saw no person together with another one,
    and rays that fit no pose of the cameras.
    """
    _check(cameras)
    alignments = _align_all(cameras, config.max_offset)
    placed = place_cameras(len(cameras), alignments)
    if missing := [c.name for i, c in enumerate(cameras) if i not in placed]:
        raise _not_connected(cameras, missing, config.max_offset)
    people = find_people(cameras, alignments)
    offsets = np.array([placed[i].offset for i in range(len(cameras))])
    moments = Moments(len(cameras), people, offsets)
    if not len(moments):
        raise _not_connected(cameras, [c.name for c in cameras[1:]], config.max_offset)
    adjustment = BundleAdjustment(moments, len(cameras), len(people),
                                  synchronised=config.max_offset == 0)
    inverse = [placed[i].pose.inverse() for i in range(len(cameras))]
    state = adjustment.solve(adjustment.start(
        np.stack([p.rotation for p in inverse]), np.stack([p.translation for p in inverse]),
        offsets))
    return _in_world(cameras, config, moments, adjustment, state)


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


def _in_world(cameras: list[CameraTracks], config: RigCalibrationConfig, moments: Moments,
              adjustment: BundleAdjustment, state: RigState) -> RigCalibration:
    """Return the result in metres, in a frame with z up and the floor at z = 0."""
    observed = moments.observe(state.offsets)
    found = adjustment.residuals(state, observed)
    equations = adjustment.normal_equations(state, found, float(state.lengths.sum()))
    covariance = camera_covariance(adjustment, state, found, equations, moments.times)
    positions = -np.einsum('cba,cb->ca', state.rotations, state.translations)
    by_position = -state.rotations.transpose(0, 2, 1)  # of a change of the translation

    ground = find_ground(state.joints)
    scale = _scale(cameras, config, moments, state, positions, ground)
    factor = scale.factor
    # Errors of the positions change the factor as well, and so the other positions.
    size = len(cameras)
    spread = np.eye(3 * size).reshape(size, 3, size, 3) \
        + positions[:, :, None, None] * scale.by_positions
    jacobian = factor * np.einsum('iadb,dbe->iade', spread, by_position)
    at = np.einsum('iade,deDE,jbDE->iajb', jacobian, covariance[:, 3:6, :, 3:6], jacobian)
    at += np.einsum('ia,jb->iajb', *[factor * positions * scale.sigma] * 2)

    joints = state.joints * factor
    ground = find_ground(joints)
    height, height_sigma = height_above_floor(ground, np.zeros(3))
    world = _world_pose(ground, height)
    result = []
    for i, camera in enumerate(cameras):
        pose = world @ RigidTransform(state.rotations[i].T, factor * positions[i])
        is_seen = found.weights[i] > 0
        errors = factor * np.linalg.norm(found.rays[i], axis=-1)[is_seen]
        result.append(CalibratedCamera(
            camera.name, camera.frame_id, pose, float(state.offsets[i]),
            world.rotate_covariance(at[i, :, i]), covariance[i, :3, i, :3],
            math.sqrt(covariance[i, 6, i, 6]), errors))
    _warn(result, moments, scale)
    return RigCalibration(
        config.frame, result, scale.source, scale.sigma, ground.tilt_sigma,
        math.hypot(height_sigma, scale.sigma * height), moments.times, moments.person,
        world.apply(joints))


def _scale(cameras: list[CameraTracks], config: RigCalibrationConfig, moments: Moments,
           state: RigState, positions: np.ndarray, ground: Ground) -> Scale:
    names = [c.name for c in cameras]
    if config.distance is not None:
        return scale_of_distance(names, positions, config.distance)
    if config.camera_height is not None:
        return scale_of_camera_height(names, positions, ground, config.camera_height)
    seen = np.bincount(moments.person, minlength=len(state.lengths)).astype(float)
    return scale_of_stature(len(cameras), state.lengths, seen, config.height)


def _world_pose(ground: Ground, height: float) -> RigidTransform:
    """Return the pose of the first camera in the frame of the rig."""
    forward = np.array([0.0, 0.0, 1.0])
    if abs(forward @ ground.up) > 0.99:  # it looks straight down: then x is up in the image
        forward = np.array([0.0, -1.0, 0.0])
    x = forward - (forward @ ground.up) * ground.up
    x /= np.linalg.norm(x)
    return RigidTransform(np.stack((x, np.cross(ground.up, x), ground.up)), [0, 0, height])


def _warn(cameras: list[CalibratedCamera], moments: Moments, scale: Scale) -> None:
    """Raise InputError if the rays do not fit; warn about results that are not certain."""
    for camera in cameras:
        error = float(np.median(camera.errors)) if len(camera.errors) else math.inf
        if error > _MAX_ERROR:
            raise InputError(
                f'the rays of {camera.name} miss the people by {100 * error:.0f} cm: check its '
                'intrinsics and whether its images are rectified, and that it did not move')
    seconds = len(np.unique(np.floor(moments.times)))
    if seconds < _FEW_SECONDS:
        _LOGGER.warning('people were seen by two cameras for %d s only; the result is better with '
                        'a minute in which they walk through the whole room', seconds)
    if scale.source.endswith('assumed'):
        _LOGGER.warning('THE SIZE OF THE RIG IS NOT KNOWN: %s, so all distances may be wrong by '
                        '%.0f %% and more. Give --height, --camera-height or --distance',
                        scale.source, 100 * scale.sigma)
