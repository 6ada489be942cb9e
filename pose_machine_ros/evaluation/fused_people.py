# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Evaluation of the fusion with several people: synthetic crossings before several cameras.

Each camera has its own tracker and lifter behind a simulated 2D network. The first camera is the
one of `people`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
import math
from pathlib import Path
import time

import numpy as np

from pose_machine_ros.evaluation import mot_metrics
from pose_machine_ros.evaluation.camera_ring import surround
from pose_machine_ros.evaluation.crossings import Crossing, CrossingScenario, scenes, see
from pose_machine_ros.evaluation.fusion_methods import in_world
from pose_machine_ros.evaluation.mot_metrics import FrameSimilarity
from pose_machine_ros.evaluation.people import COLUMNS as _COLUMNS
from pose_machine_ros.evaluation.people import image_similarity, share, sum_figures, track, VISIBLE
from pose_machine_ros.evaluation.rig_views import Rounds
from pose_machine_ros.fusion.machine import FusedPoseMachine
from pose_machine_ros.fusion.view import View
from pose_machine_ros.machine import MachineConfig
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import HUMAN36M_17

_TOO_FAR = 1.0  # metres, mean distance of the joints at which the similarity is zero
_JOINTS = len(HUMAN36M_17)

COLUMNS = {
    **{name: column for name, column in _COLUMNS.items() if not name.startswith('predicted')},
    'absolute mm': lambda f: share(f, 'absolute_mm', 'matched', 1, 0),
    'CPU ms': lambda f: share(f, 'cpu_ms', 'rounds', 1, 1)}


@dataclass(frozen=True)
class RigScenario:
    """Kind of crossing and number of cameras."""

    people: int
    cameras: int
    scenario: CrossingScenario = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, 'scenario', CrossingScenario(self.people))


SCENARIOS = {f'{p} people, {c} cameras': RigScenario(p, c) for p, c in ((4, 3), (6, 3), (3, 4))}


@dataclass(frozen=True)
class RigCrossing:
    """A crossing as several cameras see it."""

    truth: np.ndarray  # (T, P, 17, 3), world, metres
    seen: list[Crossing]  # by each camera
    rounds: Rounds


def rig_crossings(data: Path, scenario: RigScenario, count: int, config: MachineConfig,
                  seed: int = 0) -> list[RigCrossing]:
    """Return `count` crossings with what the trackers and lifters make of them."""
    result = []
    for number, (scene, rng) in enumerate(scenes(data, scenario.scenario, count, seed)):
        others = np.random.default_rng((seed, scenario.people, number, scenario.cameras))
        ring = surround(scene.joints, scenario.cameras, others, -math.pi / 2)  # it looks along y
        poses = [scene.pose, *ring[1:]]
        seen = [see(scene, pose, scenario.scenario, rng if c == 0 else others)
                for c, pose in enumerate(poses)]
        skeletons = [track(crossing, config, c) for c, crossing in enumerate(seen)]
        result.append(RigCrossing(scene.joints[..., :_JOINTS, :], seen, [
            [View(f'camera{c}', stamp, pose, skeletons[c][t]) for c, pose in enumerate(poses)]
            for t, stamp in enumerate(scene.stamps_ns.tolist())]))
    return result


def evaluate_crossings(data: Path, count: int, config: MachineConfig,
                       progress: Callable[[str], None] = lambda text: None
                       ) -> dict[str, dict[str, dict[str, float]]]:
    """Return the figures of each scenario: of its first camera alone, and of all cameras fused.

    They are those of `mot_metrics.evaluate_clip`. Of one camera, people are compared in its image,
    and those who are visible in it count; of the fusion, in the world, and those count who are
    visible to any camera. `absolute_mm` is the sum of the mean errors of the joints in the world of
    the `matched` people, `cpu_ms` the time of the processor for the fusion in all `rounds`.
    """
    figures = {}
    for name, scenario in SCENARIOS.items():
        progress(name)
        crossings = rig_crossings(data, scenario, count, config)
        figures[name] = {
            'first camera': sum_figures(_of_first_camera(c) for c in crossings),
            'fused': sum_figures(evaluate_fused(c) for c in crossings)}
    return figures


def evaluate_fused(crossing: RigCrossing, make: Callable[[], FusedPoseMachine] = FusedPoseMachine
                   ) -> dict[str, float]:
    """Return the figures of the fusion of one crossing."""
    machine, reported = make(), []
    begin = time.process_time()
    for views in crossing.rounds:
        reported.append([f.skeleton for f in machine.step(views)])
    cpu = time.process_time() - begin
    frames = [_world_similarity(crossing, t, skeletons) for t, skeletons in enumerate(reported)]
    return {**_figures(crossing, frames, reported), 'cpu_ms': 1e3 * cpu,
            'rounds': len(crossing.rounds)}


def _of_first_camera(crossing: RigCrossing) -> dict[str, float]:
    views = [views[0] for views in crossing.rounds]
    frames = [image_similarity(crossing.seen[0], t, view.skeletons)
              for t, view in enumerate(views)]
    return _figures(crossing, frames, [
        [in_world(view, s) for s in view.skeletons if s.state.is_seen] for view in views])


def _world_similarity(crossing: RigCrossing, t: int, skeletons: list[Skeleton]) -> FrameSimilarity:
    seen = [s for s in skeletons if s.state.is_seen]
    joints = np.array([s.xyz for s in seen]).reshape(-1, _JOINTS, 3)
    away = np.linalg.norm(crossing.truth[t, :, None] - joints, axis=-1).mean(-1)
    visible = np.any([(~camera.occluded[t]).mean(-1) > VISIBLE for camera in crossing.seen], 0)
    return FrameSimilarity([s.id for s in seen], (1 - away / _TOO_FAR).clip(0), visible)


def _figures(crossing: RigCrossing, frames: list[FrameSimilarity],
             reported: list[list[Skeleton]]) -> dict[str, float]:
    """Return the figures of one crossing; `reported` are in the world."""
    errors = []
    for t, matched in enumerate(mot_metrics.match_identities(frames)):
        joints = {s.id: s.xyz for s in reported[t]}
        errors += [np.linalg.norm(joints[i] - crossing.truth[t, person], axis=-1).mean()
                   for person, i in matched.items()]
    return {**mot_metrics.evaluate_clip(frames), 'frames': len(frames), 'clips': 1,
            'absolute_mm': 1e3 * float(np.sum(errors)), 'matched': len(errors)}
