# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Held-out motion capture, seen by synthetic cameras: the part after the 2D network alone.

Every clip of the split `test` is seen by one random camera at 30 Hz, once without error (`clean`)
and once with the errors of a 2D network (`noisy`), and goes through the lifter frame by frame, as
it would in the node. The bodies are the captured people's own, whose height the lifter isn't told.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from pose_machine_ros.camera import Camera
from pose_machine_ros.evaluation import metrics
from pose_machine_ros.lifter import CORRECTIONS, LiftingConfig, PoseLifter
from pose_machine_ros.pose import Person2D, TrackingState
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.training import noise, views
from pose_machine_ros.training.mocap import MotionCapture

_FOCAL, _SIZE = 500.0, 4000  # px; the image is large enough to hold everybody
_MATRIX = np.array([[_FOCAL, 0, _SIZE / 2], [0, _FOCAL, _SIZE / 2], [0, 0, 1]])
_CAMERA = Camera(_MATRIX, _SIZE, _SIZE)
_EVALUATED = list(range(1, len(HUMAN36M_17)))  # the pelvis is the origin
INPUTS = ('clean', 'noisy')


def evaluate(data: Path, config: LiftingConfig = LiftingConfig(),
             corrections: tuple[str, ...] = CORRECTIONS, max_frames: int = 150,
             device: str = 'auto', seed: int = 0) -> dict:
    """Return the errors per correction and kind of input.

    `mpjpe_mm`, `pa_mpjpe_mm`, `accel_error_mm`, `root_error_mm`, `frames`; centred at the pelvis,
    16 joints. At most the first `max_frames` of each clip are used; a frame in which the 2D network
    would see too little to lift is not counted.
    """
    motion = MotionCapture.load(data, 'test')
    result: dict[str, dict] = {c: {} for c in corrections}
    lifters = {c: PoseLifter(replace(config, correction=c), device) for c in corrections}
    for kind in INPUTS:
        generator = torch.Generator().manual_seed(seed)
        rows: dict[str, list[dict]] = {c: [] for c in corrections}
        for index in tqdm(range(len(motion)), desc=f'mocap {kind}'):
            clip = motion.clip(index)[None, :max_frames]
            if clip.shape[1] < 3:
                continue
            seen = views.look_at(clip, generator)
            keypoints = _observe(seen, 1 / motion.fps, generator, is_noisy=kind == 'noisy')
            truth = seen.joints[0, :, :len(HUMAN36M_17)].numpy()
            for correction, lifter in lifters.items():
                rows[correction].append(_measure(lifter, keypoints, truth, motion.fps))
        for correction in corrections:
            result[correction][kind] = _mean(rows[correction])
    return result


def _observe(seen: views.Views, step: float, generator: torch.Generator, *,
             is_noisy: bool) -> np.ndarray:
    """Return COCO-17 keypoints (T, 17, 3) in px with scores, NaN where unseen."""
    points = views.coco_points(seen.joints)
    plane = points[..., :2] / points[..., 2:].clamp_min(0.1)
    steps = torch.full(plane.shape[:2], step)
    config = noise.NoiseConfig()
    noisy, scores = noise.observe(plane, seen.half_extent, steps, generator, config)
    if not is_noisy:
        noisy, scores = plane, torch.ones_like(scores)
    return torch.cat((noisy * _FOCAL + _SIZE / 2, scores[..., None]), -1)[0].numpy()


def _measure(lifter: PoseLifter, keypoints: np.ndarray, truth: np.ndarray, fps: float) -> dict:
    lifter.reset()
    box = np.zeros(4, np.float32)
    joints = np.full(truth.shape, np.nan)
    for i, seen in enumerate(keypoints):
        if (seen[:, 2] > 0.15).sum() < 5:
            continue
        person = Person2D('p1', TrackingState.TRACKED, seen, box)
        joints[i] = lifter.step([person], round(i / fps * 1e9), _CAMERA)[0].xyz
    counted = np.isfinite(joints).all((1, 2))
    if not counted.any():
        return {'frames': 0}
    relative, expected = (x[:, _EVALUATED] - x[:, :1] for x in (joints, truth))
    return {
        'frames': int(counted.sum()),
        'mpjpe_mm': metrics.mpjpe(relative, expected),
        'pa_mpjpe_mm': metrics.pa_mpjpe(relative[counted], expected[counted]),
        'accel_error_mm': metrics.acceleration_error(relative, expected, fps),
        'root_error_mm': 1e3 * float(np.median(np.linalg.norm(
            (joints - truth)[counted, 0], axis=-1)))}


def _mean(rows: list[dict]) -> dict:
    """Average over clips, weighted by their frames."""
    rows = [r for r in rows if r['frames'] > 2]
    frames = [r['frames'] for r in rows]
    return {'frames': sum(frames), 'clips': len(rows), **{
        key: float(np.average([r[key] for r in rows], weights=frames))
        for key in rows[0] if key != 'frames'}}
