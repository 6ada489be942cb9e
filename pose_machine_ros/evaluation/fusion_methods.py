# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion of several cameras and simpler methods, for one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pose_machine_ros.evaluation.rig_views import Rounds
from pose_machine_ros.evaluation.world_metrics import WorldPrediction
from pose_machine_ros.fusion.machine import FusedPoseMachine
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS

_JOINTS = len(HUMAN36M_17)
_HIPS = HUMAN36M_17.indices(('left_hip', 'right_hip'))
_MIN_ANGLE = 0.05  # sine: rays more parallel than this do not determine a point


def fused(rounds: Rounds, truth: np.ndarray,
          make: Callable[[], FusedPoseMachine] = FusedPoseMachine) -> WorldPrediction:
    """Return the fused skeleton nearest to `truth` (T, J, 3), world, in each round."""
    machine = make()
    seen = [[f.skeleton for f in machine.step(views) if f.skeleton.state.is_seen]
            for views in rounds]
    return _prediction([nearest(people, joints) for people, joints in zip(seen, truth)],
                       [len(people) for people in seen])


def single(rounds: Rounds, camera: int) -> WorldPrediction:
    """Return the skeletons of the only person in the views of one camera, in the world."""
    return _prediction([_only_person(views[camera]) for views in rounds])


def mean_of_skeletons(rounds: Rounds) -> WorldPrediction:
    """Return the mean of the skeletons of the only person in the views of all cameras."""
    means = np.full((len(rounds), _JOINTS, 3), np.nan)
    for mean, views in zip(means, rounds):
        seen = [s.xyz for s in map(_only_person, views) if s is not None]
        if seen:
            mean[:] = np.mean(seen, 0)
    return WorldPrediction(means)


def triangulated(rounds: Rounds) -> WorldPrediction:
    """Return the points nearest to the rays of the only person's keypoints, weighted by score.

    The method of linear least squares, for each joint and round alone: no prior, no smoothing. A
    joint that fewer than two cameras see is NaN; spine, thorax and head top are always NaN.
    """
    positions = np.full((len(rounds), _JOINTS, 3), np.nan)
    for joints, views in zip(positions, rounds):
        joints[SHARED_JOINTS] = _nearest_points(views)[SHARED_KEYPOINTS]
        joints[0] = joints[_HIPS].mean(0)
    return WorldPrediction(positions)


def nearest(people: Sequence[Skeleton], truth: np.ndarray) -> Skeleton | None:
    """Return the skeleton whose middle is nearest to that of `truth` (J, 3), None for nobody."""
    middle = np.nanmean(truth, 0)
    return min(people, key=lambda s: float(np.linalg.norm(s.xyz.mean(0) - middle)), default=None)


def in_world(view: View, skeleton: Skeleton) -> Skeleton:
    """Return a skeleton of a view with joints and covariance in the world."""
    return replace(skeleton, xyz=view.pose.apply(skeleton.xyz.astype(float)),
                   covariance=view.pose.rotate_covariance(skeleton.covariance.astype(float)))


def _only_person(view: View) -> Skeleton | None:
    seen = [s for s in view.skeletons if s.state.is_seen and np.isfinite(s.xyz).all()]
    return in_world(view, seen[0]) if seen else None


def _prediction(skeletons: Sequence[Skeleton | None],
                people: Sequence[int] | None = None) -> WorldPrediction:
    positions = np.full((len(skeletons), _JOINTS, 3), np.nan)
    covariance = np.full((len(skeletons), _JOINTS, 3, 3), np.nan)
    for t, skeleton in enumerate(skeletons):
        if skeleton is not None:
            positions[t], covariance[t] = skeleton.xyz, skeleton.covariance
    return WorldPrediction(positions, covariance, people,
                           len({s.id for s in skeletons if s is not None}))


def _nearest_points(views: Sequence[View]) -> np.ndarray:
    """Return the points (17, 3) of COCO-17 in the world, NaN where they are not determined."""
    seen = [(view, s) for view in views for s in view.skeletons if s.state.is_seen]
    normal, target = np.zeros((len(COCO_17), 3, 3)), np.zeros((len(COCO_17), 3))
    for view, skeleton in seen:
        rays = view.pose.rotate(skeleton.rays.astype(float))
        across = np.eye(3) - rays[:, :, None] * rays[:, None]  # projection across the ray
        weights = np.where(np.isfinite(rays[:, 0]), skeleton.keypoints[:, 2], 0)
        across = np.where(weights[:, None, None] > 0, weights[:, None, None] * across, 0)
        normal += across
        target += across @ view.pose.translation
    least, _, most = np.moveaxis(np.linalg.eigvalsh(normal), -1, 0)
    is_determined = least > _MIN_ANGLE ** 2 * most.clip(1e-12)
    normal[~is_determined] = np.eye(3)
    points = np.linalg.solve(normal, target[..., None])[..., 0]
    return np.where(is_determined[:, None], points, np.nan)
