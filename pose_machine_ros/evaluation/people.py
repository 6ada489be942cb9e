# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Evaluation of multi-person tracking.

Real videos go through the whole machine. Synthetic crossings go through its tracker and its lifter,
with a simulated 2D network: they measure the association alone, not the detection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.evaluation import mot_metrics
from pose_machine_ros.evaluation.annotated_videos import ANNOTATED_VIDEOS
from pose_machine_ros.evaluation.crossings import CAMERA, Crossing, crossings, CrossingScenario
from pose_machine_ros.evaluation.mot_metrics import FrameSimilarity
from pose_machine_ros.evaluation.simulated_network import SimulatedNetwork
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.keypoints2d.similarity import object_keypoint_similarity
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.tracking.tracker import PeopleTracker

SCENARIOS = {**{f'{n} people': CrossingScenario(n) for n in (2, 3, 4, 6, 8, 10)},
             '4 people, 10 Hz': CrossingScenario(4, fps=10),
             '4 people, pillar': CrossingScenario(4, has_pillar=True)}
VISIBLE = 0.5  # share of the keypoints above which a person counts
_IMAGE = np.broadcast_to(np.uint8(0), (CAMERA.height, CAMERA.width, 3))

COLUMNS = {
    'people': lambda f: f'{f["people"]:.0f}',
    'ids': lambda f: f'{f["ids"]:.0f}',
    'switches': lambda f: f'{f["switches"]:.0f}',
    'IDF1 %': lambda f: share(f, 'idf1_numerator', 'idf1_denominator'),
    'false negatives %': lambda f: share(f, 'false_negatives', 'ground_truth'),
    'false positives %': lambda f: share(f, 'false_positives', 'ground_truth'),
    'predicted': lambda f: f'{f["predicted"]:.0f}' if 'predicted' in f else '-',
    'predicted off mm': lambda f: share(f, 'predicted_off_mm', 'predicted', 1, 0),
}


def evaluate_crossings(data: Path, count: int, config: MachineConfig,
                       seed: int = 0) -> dict[str, dict[str, float]]:
    """Return the figures of each scenario, summed over `count` crossings.

    They are those of `mot_metrics.evaluate_clip`, and `predicted`, the number of skeletons in the
    state PREDICTED, and `predicted_off_mm`, the sum of their errors: the mean difference between
    the predicted and the true motion of the joints since the person was last seen.
    """
    return {name: sum_figures(_evaluate_crossing(crossing, config)
                              for crossing in crossings(data, scenario, count, seed))
            for name, scenario in SCENARIOS.items()}


def evaluate_videos(config: MachineConfig) -> dict[str, dict[str, float]]:
    """Return the figures of each real video; all its frames are used, in order."""
    machine, figures = PoseMachine(config), {}
    for name, annotated in ANNOTATED_VIDEOS.items():
        machine.reset()
        video = VideoFile(annotated.path())
        camera = Camera.from_fov(video.width, video.height)
        long_side = max(video.width, video.height)
        frames = [annotated.similarity(t, machine.step(image, stamp, camera), long_side)
                  for t, (stamp, image) in enumerate(video)]
        figures[name] = {**mot_metrics.evaluate_clip(frames), 'frames': len(frames), 'clips': 1}
    return figures


def track(crossing: Crossing, config: MachineConfig, seed: int = 0) -> list[list[Skeleton]]:
    """Return the skeletons of each frame of a crossing, as the tracker and the lifter make them."""
    people = crossing.joints.shape[1]
    tracking = replace(config.tracking, max_people=max(people, config.tracking.max_people))
    tracker = PeopleTracker(SimulatedNetwork(crossing, seed), tracking)
    lifter = PoseLifter(config.lifting, config.device)
    reported = []
    for stamp in crossing.stamps_ns.tolist():
        seen = tracker.update(_IMAGE, stamp, lifter.predict_motion(stamp, CAMERA))
        reported.append(lifter.step(seen, stamp, CAMERA))
    return reported


def _evaluate_crossing(crossing: Crossing, config: MachineConfig) -> dict[str, float]:
    reported = track(crossing, config)
    frames = [image_similarity(crossing, t, skeletons) for t, skeletons in enumerate(reported)]
    errors = _prediction_errors(crossing, reported, mot_metrics.match_identities(frames))
    return {**mot_metrics.evaluate_clip(frames), 'frames': len(frames), 'clips': 1,
            'predicted': len(errors), 'predicted_off_mm': 1e3 * sum(errors)}


def image_similarity(crossing: Crossing, t: int, skeletons: list[Skeleton]) -> FrameSimilarity:
    """Return how similar the keypoints of `skeletons` are to the people in frame `t`."""
    seen = [s for s in skeletons if s.state.is_seen]
    keypoints = np.array([s.keypoints for s in seen]).reshape(-1, 17, 3)
    true = crossing.keypoints[t]
    area = np.prod(true.max(1) - true.min(1), -1)
    visible = ~crossing.occluded[t]
    similarity = object_keypoint_similarity(
        true, keypoints[..., :2], np.sqrt(area)[:, None], visible[:, None].astype(float))
    return FrameSimilarity([s.id for s in seen], similarity, visible.mean(-1) > VISIBLE)


def _prediction_errors(crossing: Crossing, reported: list[list[Skeleton]],
                       matches: list[dict[int, str]]) -> list[float]:
    """Return the error in metres of each PREDICTED skeleton whose id was matched to a person."""
    last: dict[str, tuple[int, int, np.ndarray]] = {}  # person, frame, joints
    errors = []
    for t, (skeletons, matched) in enumerate(zip(reported, matches)):
        person_of = {i: p for p, i in matched.items()}
        for s in skeletons:
            if s.id in person_of:
                last[s.id] = person_of[s.id], t, s.xyz
            elif s.state == TrackingState.PREDICTED and s.id in last:
                person, before, xyz = last[s.id]
                moved = crossing.joints[t, person] - crossing.joints[before, person]
                errors.append(float(np.linalg.norm(s.xyz - xyz - moved, axis=-1).mean()))
    return errors


def sum_figures(figures: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the sum of each figure."""
    total: dict[str, float] = {}
    for one in figures:
        for name, value in one.items():
            total[name] = total.get(name, 0) + value
    return total


def share(figures: dict[str, float], part: str, whole: str, factor: float = 100,
          digits: int = 1) -> str:
    """Return `factor` times the ratio of two figures as text, - without a divisor."""
    if not figures.get(whole):
        return '-'
    return f'{factor * figures[part] / figures[whole]:.{digits}f}'
