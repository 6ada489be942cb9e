# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The views of synthetic rigs: what the lifter of each camera makes of its keypoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pose_machine_ros.evaluation.camera_ring import disturbed
from pose_machine_ros.evaluation.rigs import CAMERA, Rig
from pose_machine_ros.fusion.view import View
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.pose import Person2D, Skeleton, TrackingState, unseen_keypoints
from pose_machine_ros.synthesis.clips import MIN_KEYPOINTS, MIN_SCORE

Rounds = list[list[View]]  # by round: the views of the cameras, in order


def views_of(rig: Rig, config: LiftingConfig = LiftingConfig(), device: str = 'auto') -> Rounds:
    """Return the views of one rig, by round; see `views_of_rigs`."""
    return views_of_rigs([rig], config, device)[0]


def views_of_rigs(rigs: Sequence[Rig], config: LiftingConfig = LiftingConfig(),
                  device: str = 'auto') -> list[Rounds]:
    """Return the views of each rig, by round.

    The lifter runs as in the node. Cameras of all rigs with the same stamps are lifted together,
    as people of one video, because that is much faster. A person with too few keypoints is
    PREDICTED in that frame.
    """
    skeletons: dict[tuple[int, int], list[Skeleton]] = {}
    for members in _simultaneous(rigs):
        skeletons |= _lift(rigs, members, PoseLifter(config, device))
    return [[[View(name, int(rig.stamps_ns[c, t]), rig.poses[c], [skeletons[r, c][t]])
              for c, name in enumerate(rig.cameras)] for t in range(rig.stamps_ns.shape[1])]
            for r, rig in enumerate(rigs)]


def select_cameras(rounds: Rounds, cameras: Sequence[int]) -> Rounds:
    """Return the views of the cameras with these indices alone."""
    return [[views[c] for c in cameras] for views in rounds]


def disturb_poses(rounds: Rounds, angle: float, distance: float, seed: int = 0) -> Rounds:
    """Return the views with poses that are wrong by `angle`, radians, and `distance`, metres.

    The direction of the error is random for each camera, and constant.
    """
    rng = np.random.default_rng(seed)
    poses = {view.camera: disturbed(view.pose, angle, distance, rng) for view in rounds[0]}
    return [[replace(view, pose=poses[view.camera]) for view in views] for views in rounds]


def newest_stamps(rounds: Rounds) -> np.ndarray:
    """Return the newest stamp (T,) of each round, int64 nanoseconds."""
    return np.array([max(view.stamp_ns for view in views) for views in rounds], np.int64)


def _simultaneous(rigs: Sequence[Rig]) -> list[list[tuple[int, int]]]:
    """Return groups of (rig, camera) whose stamps are the same, as far as both go."""
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for r, rig in enumerate(rigs):
        for c, stamps in enumerate(rig.stamps_ns):
            groups.setdefault((int(stamps[0]), int(stamps[1])), []).append((r, c))
    return list(groups.values())


def _lift(rigs: Sequence[Rig], members: list[tuple[int, int]],
          lifter: PoseLifter) -> dict[tuple[int, int], list[Skeleton]]:
    """Return the skeletons of each of `members` (rig, camera), by frame."""
    result: dict[tuple[int, int], list[Skeleton]] = {member: [] for member in members}
    box = np.zeros(4, np.float32)
    longest = max((rigs[r].stamps_ns[c] for r, c in members), key=len)
    for t, stamp in enumerate(longest):
        present = [m for m in members if t < rigs[m[0]].stamps_ns.shape[1]]
        people = []
        for r, c in present:
            keypoints, state = rigs[r].keypoints[c, t], TrackingState.TRACKED
            if (keypoints[:, 2] > MIN_SCORE).sum() < MIN_KEYPOINTS:
                keypoints, state = unseen_keypoints(), TrackingState.PREDICTED
            people.append(Person2D(f'r{r}c{c}', state, keypoints, box))
        for member, skeleton in zip(present, lifter.step(people, int(stamp), CAMERA)):
            result[member].append(skeleton)
    return result
