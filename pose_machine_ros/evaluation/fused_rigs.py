# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Evaluation of the fusion on captured people before synthetic cameras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
import math
from pathlib import Path

import numpy as np

from pose_machine_ros.evaluation import fusion_methods, metrics
from pose_machine_ros.evaluation.rig_views import (
    disturb_poses, newest_stamps, Rounds, select_cameras, views_of_rigs)
from pose_machine_ros.evaluation.rigs import load_rigs, Rig, RigConfig
from pose_machine_ros.evaluation.world_metrics import evaluate, WorldPrediction, WorldTruth
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.skeleton import HUMAN36M_17

_JOINTS = list(range(len(HUMAN36M_17)))
_CAMERAS = 4
Method = Callable[[Rounds, np.ndarray], WorldPrediction]  # rounds and true joints


@dataclass(frozen=True)
class Condition:
    """What is different from cameras that take their images together and have true poses."""

    offset: float = 0.0  # seconds by which every other camera takes its images later
    rotation_error: float = 0.0  # radians
    translation_error: float = 0.0  # metres
    only_first_sees: bool = False  # the views of the other cameras are empty


CONDITIONS = {
    'synchronised': Condition(),
    '2 frames apart': Condition(offset=2 / 30),
    'poses wrong by 1 degree, 2 cm': Condition(
        rotation_error=math.radians(1.0), translation_error=0.02),
    'seen by one camera of 4': Condition(only_first_sees=True)}


def evaluate_rigs(data: Path, max_seconds: float, device: str,
                  progress: Callable[[str], None] = lambda text: None,
                  lifting: LiftingConfig = LiftingConfig(), split: str = 'test'
                  ) -> dict[str, dict[str, dict]]:
    """Return the figures of every condition and method, as `metrics.summarize` returns them.

    The first cameras of each rig of 4 are the rigs of fewer cameras.
    """
    lifted: dict[float, tuple[list[Rig], list[Rounds]]] = {}
    figures: dict[str, dict[str, dict]] = {}
    for name, condition in CONDITIONS.items():
        if condition.offset not in lifted:
            rigs = load_rigs(data, RigConfig(_CAMERAS, offset=condition.offset), max_seconds,
                             split=split)
            lifted[condition.offset] = rigs, views_of_rigs(rigs, lifting, device)
        rigs, views = lifted[condition.offset]
        views = [_under(condition, rounds, i) for i, rounds in enumerate(views)]
        figures[name] = {}
        for method, (cameras, run) in _methods(condition).items():
            progress(f'{name}: {method}')
            clips = [_evaluate(rig, select_cameras(rounds, chosen), run)
                     for rig, rounds in zip(rigs, views) for chosen in cameras]
            figures[name][method] = metrics.summarize(clips)
    return figures


def _methods(condition: Condition) -> dict[str, tuple[list[Sequence[int]], Method]]:
    """Return the methods of a condition: the sets of cameras it is run with, and the method."""
    each, fused = [[c] for c in range(_CAMERAS)], fusion_methods.fused
    if condition.only_first_sees:
        return {'single camera': ([[0]], _single), 'fused, 4': ([range(_CAMERAS)], fused)}
    rows = {'single camera': (each, _single), 'fused, 1': (each, fused)}
    for count in range(2, _CAMERAS + 1):
        rows |= {f'mean of skeletons, {count}': ([range(count)], _mean),
                 f'triangulation, {count}': ([range(count)], _triangulated),
                 f'fused, {count}': ([range(count)], fused)}
    return rows


def _single(rounds: Rounds, truth: np.ndarray) -> WorldPrediction:
    return fusion_methods.single(rounds, 0)


def _mean(rounds: Rounds, truth: np.ndarray) -> WorldPrediction:
    return fusion_methods.mean_of_skeletons(rounds)


def _triangulated(rounds: Rounds, truth: np.ndarray) -> WorldPrediction:
    return fusion_methods.triangulated(rounds)


def _evaluate(rig: Rig, rounds: Rounds, method: Method) -> dict[str, float]:
    stamps = newest_stamps(rounds)
    truth = rig.truth_at(stamps)
    return evaluate(method(rounds, truth), WorldTruth(truth, _JOINTS, [0], stamps))


def _under(condition: Condition, rounds: Rounds, seed: int) -> Rounds:
    if condition.rotation_error or condition.translation_error:
        rounds = disturb_poses(
            rounds, condition.rotation_error, condition.translation_error, seed)
    if condition.only_first_sees:
        rounds = [[views[0], *(replace(view, skeletons=[]) for view in views[1:])]
                  for views in rounds]
    return rounds
