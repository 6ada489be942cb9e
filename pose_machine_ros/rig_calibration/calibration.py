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
from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
from pose_machine_ros.rig_calibration.floor import find_ground, Ground, height_above_floor
from pose_machine_ros.rig_calibration.observations import Moments
from pose_machine_ros.rig_calibration.relative_rig import RelativeRig, solve_rig
from pose_machine_ros.rig_calibration.scale import (
    Scale, scale_of_camera_height, scale_of_distance, scale_of_stature)
from pose_machine_ros.rig_calibration.tracks import CameraTracks, JOINTS

_LOGGER = logging.getLogger(__name__)
_MAX_ERROR = 0.07  # metres, median distance of rays and joints; more means that they do not fit
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

    Raises InputError as `solve_rig` and `in_metres` do.
    """
    return in_metres(solve_rig(cameras, config.max_offset), config)


def in_metres(rig: RelativeRig, config: RigCalibrationConfig) -> RigCalibration:
    """Return a rig in metres, in a frame with z up and the floor at z = 0.

    Raises InputError if the rays of a camera fit no pose, and if the scale is not usable.
    """
    state = rig.state
    scale = _scale(rig, config)
    factor, positions = scale.factor, scale.factor * rig.positions
    # Errors of the positions change the factor as well, and so the other positions.
    size = len(rig.cameras)
    spread = factor * (np.eye(3 * size).reshape(size, 3, size, 3)
                       + rig.positions[:, :, None, None] * scale.by_positions)
    covariance = np.einsum('iadb,dbeg,jceg->iajc', spread, rig.position_covariance, spread)
    covariance += np.einsum('ia,jb->iajb', *[positions * scale.sigma] * 2)

    joints = state.joints * factor
    ground = find_ground(joints)
    height, height_sigma = height_above_floor(ground, np.zeros(3))
    world = _world_pose(ground, height)
    cameras = []
    for i, camera in enumerate(rig.cameras):
        pose = world @ RigidTransform(state.rotations[i].T, positions[i])
        errors = np.linalg.norm(rig.residuals.rays[i], axis=-1)[rig.residuals.weights[i] > 0]
        cameras.append(CalibratedCamera(
            camera.name, camera.frame_id, pose, float(state.offsets[i]),
            world.rotate_covariance(covariance[i, :, i]), rig.covariance[i, :3, i, :3],
            math.sqrt(rig.covariance[i, 6, i, 6]), factor * errors))
    _warn(cameras, rig.moments, scale)
    return RigCalibration(
        config.frame, cameras, scale.source, scale.sigma, ground.tilt_sigma,
        math.hypot(height_sigma, scale.sigma * height), rig.moments.times, rig.moments.person,
        world.apply(joints))


def _scale(rig: RelativeRig, config: RigCalibrationConfig) -> Scale:
    names = [c.name for c in rig.cameras]
    if config.distance is not None:
        return scale_of_distance(names, rig.positions, config.distance)
    if config.camera_height is not None:
        return scale_of_camera_height(
            names, rig.positions, find_ground(rig.state.joints), config.camera_height)
    seen = np.bincount(rig.moments.person, minlength=len(rig.state.lengths)).astype(float)
    return scale_of_stature(len(names), rig.state.lengths, seen, config.height)


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
