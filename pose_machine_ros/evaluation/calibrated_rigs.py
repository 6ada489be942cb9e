# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Errors of rigs calibrated from people, on synthetic rigs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
import math
from pathlib import Path

import numpy as np
import torch

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.evaluation.report import number
from pose_machine_ros.evaluation.walked_rigs import RigScenario, RigScene, scenes
from pose_machine_ros.lifting.lifter import load_recurrent_lifter, PoseLifter
from pose_machine_ros.rig_calibration.calibration import in_metres, RigCalibration
from pose_machine_ros.rig_calibration.config import RigCalibrationConfig
from pose_machine_ros.rig_calibration.procrustes import rotation_angle, rotation_vector
from pose_machine_ros.rig_calibration.recordings import frame_id_of
from pose_machine_ros.rig_calibration.relative_rig import solve_rig
from pose_machine_ros.rig_calibration.tracks import CameraTracks, TrackCollector

SCENARIOS = {'2 cameras': RigScenario(2), '4 cameras': RigScenario(4),
             '2 cameras, clean': RigScenario(2, is_noisy=False)}

COLUMNS = {
    'rotation deg': lambda f: _with_largest(f, 'rotation_deg', 2),
    'direction deg': lambda f: _with_largest(f, 'direction_deg', 2),
    'position %': lambda f: _with_largest(f, 'position_pct', 1),
    'in 1 sigma %': lambda f: number(f, 'within_1_sigma_pct', 0),
    'in 2 sigma %': lambda f: number(f, 'within_2_sigma_pct', 0),
    'time offset ms': lambda f: _with_largest(f, 'offset_ms', 1),
    'floor tilt deg': lambda f: _with_largest(f, 'tilt_deg', 2),
    'floor height mm': lambda f: _with_largest(f, 'height_mm', 0),
}


def evaluate_rigs(data: Path, count: int, device: str | torch.device,
                  progress: Callable[[str], None] = lambda text: None) -> dict[str, dict]:
    """Return the figures of each scenario by the source of the size.

    The cameras' stamps differ by up to a second, which is not known. Errors are those of the other
    cameras relative to the first one.
    """
    figures: dict[str, dict] = {}
    for name, scenario in SCENARIOS.items():
        rows: dict[str, list[dict]] = {}
        for done, scene in enumerate(scenes(data, scenario, count), 1):
            progress(f'{name}: {done} of {count}')
            relative = solve_rig(record(scene, device), 2 * scenario.max_offset)
            for source, config in _configs(scene).items():
                rows.setdefault(source, []).append(errors(in_metres(relative, config), scene))
        figures[name] = {source: summarize(found) for source, found in rows.items()}
    return figures


def record(scene: RigScene, device: str | torch.device) -> list[CameraTracks]:
    """Return what the cameras of a scene see, lifted as the pose machine does."""
    network = load_recurrent_lifter(device)
    result = []
    for camera, sequence in enumerate(scene.sequences):
        collector = TrackCollector(_name(camera), frame_id_of(_name(camera)))
        for stamp_ns, skeletons in sequence.lift(PoseLifter(device=device, lifter=network)):
            collector.add(stamp_ns, skeletons)
        result.append(collector.finish())
    return result


def errors(rig: RigCalibration, scene: RigScene) -> dict[str, list[float]]:
    """Return the errors of one calibration: one value for each camera but the first."""
    first = rig.cameras[0]
    truth = [scene.poses[0].inverse() @ p for p in scene.poses]
    found = [first.pose.inverse() @ c.pose for c in rig.cameras]
    rows: dict[str, list[float]] = {name: [] for name in (
        'rotation_deg', 'direction_deg', 'position_pct', 'offset_ms', 'normalized')}
    for camera, pose, true, offset in zip(rig.cameras[1:], found[1:], truth[1:],
                                          scene.offsets[1:]):
        rows['rotation_deg'].append(math.degrees(
            rotation_angle(pose.rotation.T @ true.rotation)))
        rows['direction_deg'].append(math.degrees(
            _angle(pose.translation, true.translation)))
        off = pose.translation - true.translation
        rows['position_pct'].append(
            100 * float(np.linalg.norm(off) / np.linalg.norm(true.translation)))
        rows['offset_ms'].append(1e3 * abs(camera.time_offset - offset + scene.offsets[0]))
        turn = rotation_vector(true.rotation.T @ pose.rotation)
        covariance = first.pose.inverse().rotate_covariance(camera.position_covariance)
        rows['normalized'] += [*_whitened(off, covariance),
                               *_whitened(turn, camera.rotation_covariance)]
    in_world: RigidTransform = scene.poses[0] @ first.pose.inverse()
    up = in_world.rotation[:, 2]
    rows['tilt_deg'] = [math.degrees(_angle(up, np.array([0, 0, 1.0])))]
    rows['height_mm'] = [1e3 * abs(float(
        first.pose.translation[2] - scene.poses[0].translation[2]))]
    rows['seconds'] = [float(len(np.unique(np.floor(rig.times))))]
    return rows


def summarize(rows: Iterable[dict[str, list[float]]]) -> dict[str, float]:
    """Return means and largest values over all cameras of all rigs."""
    rows = list(rows)
    figures: dict[str, float] = {'clips': len(rows), 'frames': int(
        30 * sum(sum(r['seconds']) for r in rows))}
    for name in rows[0]:
        values = np.concatenate([r[name] for r in rows])
        if name == 'normalized':
            for sigma in (1, 2):
                figures[f'within_{sigma}_sigma_pct'] = float(100 * (values < sigma).mean())
        else:
            figures[name], figures[f'{name}_max'] = float(values.mean()), float(values.max())
    return figures


def _configs(scene: RigScene) -> dict[str, RigCalibrationConfig]:
    apart = float(np.linalg.norm(scene.poses[1].translation - scene.poses[0].translation))
    above = float(scene.poses[0].translation[2])
    return {'distance known': RigCalibrationConfig(distance=(_name(0), _name(1), apart)),
            'camera height known': RigCalibrationConfig(camera_height=(_name(0), above)),
            'stature known': RigCalibrationConfig(height=scene.stature),
            'nothing known': RigCalibrationConfig()}


def _name(camera: int) -> str:
    return f'camera_{camera + 1}'


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    return math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))


def _whitened(error: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the absolute errors (3,) along the axes of a covariance, in its deviations."""
    values, vectors = np.linalg.eigh(covariance)
    return np.abs(error @ vectors) / np.sqrt(values.clip(1e-18))


def _with_largest(figures: dict[str, float], name: str, digits: int) -> str:
    return f'{number(figures, name, digits)} ({number(figures, f"{name}_max", digits)})'
