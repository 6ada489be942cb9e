# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The machine with a depth camera, on held-out motion capture; see depth_scenes.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from pose_machine_ros.evaluation import metrics, report
from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.evaluation.depth_scenes import DepthScene, Fault, FAULTS, scenes
from pose_machine_ros.evaluation.mocap_clips import CONDITIONS
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.pose import Person2D, TrackingState, unseen_keypoints

COLUMNS = {
    'root mm': lambda f: report.number(f, 'root_error_mm', 0),
    'joints mm': lambda f: report.number(f, 'joints_mm', 0),
    **{name: report.POSE_COLUMNS[name] for name in (
        'MPJPE mm', 'PA-MPJPE mm', 'accel', 'drift %', 'in 1 sigma %', 'in 2 sigma %')},
    'depth %': lambda f: report.number(f, 'depth_pct', 0)}
_WITHOUT, _USUAL = 'no depth', 'stereo'
_OTHER_CORRECTIONS = ('none', 'learned')


def evaluate_depth(data: Path, seconds: float, device: str = 'auto',
                   progress: Callable[[str], None] = lambda text: None) -> report.Figures:
    """Return the figures of each fault of the depth image, and of other corrections.

    `data` has a split test, and a clip is its first `seconds`.
    """
    figures: report.Figures = {}

    def add(name: str, people: list[DepthScene], fault: Fault | None, corrections: tuple) -> None:
        for correction in corrections:
            progress(f'{name}: {correction}')
            lifter = PoseLifter(LiftingConfig(correction=correction), device)
            clips = [_figures(lifter, scene, fault) for scene in people]
            figures.setdefault(name, {})[correction] = {
                **metrics.summarize(clips),
                'by_clip': {scene.view.name: f for scene, f in zip(people, clips)}}

    noisy = scenes(data, CONDITIONS['noisy'], seconds)
    for name, fault in {_WITHOUT: None, **FAULTS}.items():
        others = _OTHER_CORRECTIONS if name in (_WITHOUT, _USUAL) else ()
        add(name, noisy, fault, ('geometric', *others))
    clean = scenes(data, CONDITIONS['clean'], seconds)
    for name, fault in ((_WITHOUT, None), (_USUAL, FAULTS[_USUAL])):
        add(f'{name}, clean 2D', clean, fault, ('geometric',))
    return figures


def _figures(lifter: PoseLifter, scene: DepthScene, fault: Fault | None) -> dict[str, float]:
    """Return those of `metrics.evaluate_clip`, the absolute error, and the share with depth."""
    prediction, share = _lift(lifter, scene, fault)
    clip = scene.clip
    away = np.linalg.norm(prediction.positions[:, clip.joints] - clip.truth, axis=-1)
    return {**metrics.evaluate_clip(prediction, clip),
            'joints_mm': 1e3 * float(np.nanmean(away)), 'depth_pct': 100 * share}


def _lift(lifter: PoseLifter, scene: DepthScene, fault: Fault | None) -> tuple[Prediction, float]:
    """Return the prediction, and the mean share of the points of the body that had a depth."""
    lifter.reset()
    clip: Clip = scene.clip
    frames = len(clip.stamps_ns)
    prediction = Prediction(np.full((frames, 17, 3), np.nan), np.full((frames, 17, 3, 3), np.nan))
    shares, box = [], np.zeros(4, np.float32)
    for t in range(frames):
        if not clip.usable[t]:
            lifter.step([Person2D('p', TrackingState.PREDICTED, unseen_keypoints(), box)],
                        int(clip.stamps_ns[t]), clip.camera)
            continue
        person = Person2D('p', TrackingState.TRACKED, clip.keypoints[t].astype(np.float32), box)
        skeleton, = lifter.step([person], int(clip.stamps_ns[t]), clip.camera,
                                None if fault is None else scene.depth(t, fault))
        prediction.positions[t] = skeleton.xyz
        prediction.covariance[t] = skeleton.covariance
        shares.append(lifter.depth_share)
    return prediction, float(np.mean(shares)) if shares else float('nan')
