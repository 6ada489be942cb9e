# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether everybody is followed under one id.

On real footage by the whole machine; on synthetic crossings by its tracker and its lifter, with a
simulated 2D network: that measures association alone, not how well people are seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from pose_machine_ros.camera import Camera
from pose_machine_ros.evaluation import mot_metrics
from pose_machine_ros.evaluation.crossings import CAMERA, Crossing, crossings, Traffic
from pose_machine_ros.evaluation.footage import FOOTAGE
from pose_machine_ros.evaluation.mot_metrics import FrameMatch
from pose_machine_ros.evaluation.simulated_network import SimulatedNetwork
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.keypoints2d.similarity import object_keypoint_similarity
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.tracking import PeopleTracker

TRAFFIC = {**{f'{n} people': Traffic(n) for n in (2, 3, 4, 6, 8, 10)},
           '4 people, 10 Hz': Traffic(4, fps=10), '4 people, pillar': Traffic(4, has_pillar=True)}
_VISIBLE = 0.5  # share of the keypoints from which a person must be told
_IMAGE = np.broadcast_to(np.uint8(0), (CAMERA.height, CAMERA.width, 3))

COLUMNS = {
    'people': lambda f: f'{f["people"]:.0f}',
    'ids': lambda f: f'{f["ids"]:.0f}',
    'switches': lambda f: f'{f["switches"]:.0f}',
    'IDF1 %': lambda f: _share(f, 'idf1_numerator', 'idf1_denominator'),
    'false negatives %': lambda f: _share(f, 'false_negatives', 'ground_truth'),
    'false positives %': lambda f: _share(f, 'false_positives', 'ground_truth'),
    'predicted': lambda f: f'{f["predicted"]:.0f}' if 'predicted' in f else '-',
    'predicted off mm': lambda f: _share(f, 'predicted_off_mm', 'predicted', 1, 0),
}


def on_crossings(data: Path, count: int, config: MachineConfig, seed: int = 0
                 ) -> dict[str, dict[str, float]]:
    """Return the figures of `count` crossings of each kind of traffic, summed over them.

    Beside those of `mot_metrics.measure`: `predicted`, how many skeletons were PREDICTED while the
    person was there, and `predicted_off_mm`, the sum of how far their joints had moved otherwise
    since the person was last seen than the true ones had.
    """
    return {name: _sum(_measure(c, config) for c in crossings(data, traffic, count, seed))
            for name, traffic in TRAFFIC.items()}


def on_footage(config: MachineConfig) -> dict[str, dict[str, float]]:
    """Return the figures of each real video, every frame in order."""
    machine, figures = PoseMachine(config), {}
    for name, footage in FOOTAGE.items():
        machine.reset()
        video = VideoFile(footage.path())
        camera = Camera.from_fov(video.width, video.height)
        long_side = max(video.width, video.height)
        sightings = [footage.sighting(t, machine.step(image, stamp, camera), long_side)
                     for t, (stamp, image) in enumerate(video)]
        figures[name] = {**mot_metrics.measure(sightings), 'frames': len(sightings), 'clips': 1}
    return figures


def _measure(crossing: Crossing, config: MachineConfig) -> dict[str, float]:
    people = crossing.joints.shape[1]
    tracking = replace(config.tracking, max_people=max(people, config.tracking.max_people))
    tracker = PeopleTracker(SimulatedNetwork(crossing), tracking)
    lifter = PoseLifter(config.lifting, config.device)
    told = []
    for stamp in crossing.stamps_ns.tolist():
        seen = tracker.step(_IMAGE, stamp, lifter.predict_motion(stamp, CAMERA))
        told.append(lifter.step(seen, stamp, CAMERA))
    sightings = [_sighting(crossing, t, skeletons) for t, skeletons in enumerate(told)]
    off = _predicted_off(crossing, told, mot_metrics.follow(sightings))
    return {**mot_metrics.measure(sightings), 'frames': len(told), 'clips': 1,
            'predicted': len(off), 'predicted_off_mm': 1e3 * sum(off)}


def _sighting(crossing: Crossing, t: int, skeletons: list[Skeleton]) -> FrameMatch:
    seen = [s for s in skeletons if s.state in (TrackingState.NEW, TrackingState.TRACKED)]
    keypoints = np.array([s.keypoints for s in seen]).reshape(-1, 17, 3)
    true = crossing.keypoints[t]
    area = np.prod(true.max(1) - true.min(1), -1)
    shown = ~crossing.hidden[t]
    similarity = object_keypoint_similarity(
        true, keypoints[..., :2], np.sqrt(area)[:, None], shown[:, None].astype(float))
    return FrameMatch([s.id for s in seen], similarity, shown.mean(-1) > _VISIBLE)


def _predicted_off(crossing: Crossing, told: list[list[Skeleton]],
                   followed: list[dict[int, str]]) -> list[float]:
    """Return metres for every PREDICTED skeleton of a person known by its id."""
    last: dict[str, tuple[int, int, np.ndarray]] = {}  # person, frame, joints
    off = []
    for t, (skeletons, now) in enumerate(zip(told, followed)):
        person_of = {i: p for p, i in now.items()}
        for s in skeletons:
            if s.id in person_of:
                last[s.id] = person_of[s.id], t, s.xyz
            elif s.state == TrackingState.PREDICTED and s.id in last:
                person, before, xyz = last[s.id]
                moved = crossing.joints[t, person] - crossing.joints[before, person]
                off.append(float(np.linalg.norm(s.xyz - xyz - moved, axis=-1).mean()))
    return off


def _sum(figures: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for one in figures:
        for name, value in one.items():
            total[name] = total.get(name, 0) + value
    return total


def _share(figures: dict[str, float], part: str, whole: str, factor: float = 100,
           digits: int = 1) -> str:
    if not figures.get(whole):
        return '-'
    return f'{factor * figures[part] / figures[whole]:.{digits}f}'
