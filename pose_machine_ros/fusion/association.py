# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which person of one camera is which person in the world.

Each person in the world has at most one sighting in each camera, and each sighting belongs to one
person. So the matches of several cameras agree with each other: there are no cycles that do not
close.
"""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np

from pose_machine_ros.fusion.person import FusedPerson
from pose_machine_ros.fusion.sighting import ray_distances, Sighting
from pose_machine_ros.skeleton import SHARED_JOINTS
from pose_machine_ros.tracking.assignment import assign

_SEEN = list(SHARED_JOINTS)
RAY_SIGMA = 0.08  # metres: of the mean distance of rays to joints, or to each other
_SIZE_SIGMA = 0.12  # relative: of the size by which a camera's own pose would have to be wrong
_FARTHEST = 0.6  # metres: a joint further from its ray counts as this far
_GATE = 14.0  # squared standard deviations: a sighting further from a person is somebody else's
_LEAVING_GATE = 25.0  # of a sighting that was the person's before
_BOUND_SHARE = 0.7  # of the distance, of such a sighting
_MIN_JOINTS = 3  # seen by both


def associate(people: Sequence[FusedPerson], sightings: Sequence[Sighting],
              expected: Sequence[np.ndarray]) -> list[int | None]:
    """Return for each sighting of one view which of `people` it shows, None for somebody new.

    `expected` are the people's joints (17, 3), metres, at the stamp of the view.
    """
    result: list[int | None] = [None] * len(sightings)
    if not people or not sightings:
        return result
    distances = squared_distances(people, sightings, expected)
    gains = np.maximum(_LEAVING_GATE - distances, 0) * (distances < _GATE)
    for i, person in enumerate(people):
        for j, sighting in enumerate(sightings):
            if person.bound.get(sighting.camera) == sighting.skeleton.id:
                distance = distances[i, j]
                gains[i, j] = (_LEAVING_GATE - distance * _BOUND_SHARE) * (distance < _LEAVING_GATE)
    for i, j in assign(gains):
        if gains[i, j] > 0:
            result[j] = i
    return result


def squared_distances(people: Sequence[FusedPerson], sightings: Sequence[Sighting],
                      expected: Sequence[np.ndarray]) -> np.ndarray:
    """Return how far S sightings are from N people, squared, in sigma: (N, S).

    A person whom several cameras have just seen is where they say. One camera alone does not tell
    how far away a person is: then the rays of both are compared with each other (epipolar
    distance), and the sizes with which both cameras would have to be wrong for the place at which
    the rays meet.
    """
    xyz = np.array(expected)
    weights = np.array([s.weights for s in sightings])
    shares = weights / weights.sum(-1, keepdims=True)
    away = (np.minimum(ray_distances(xyz, sightings), _FARTHEST) * shares).sum(-1)
    result = (away / RAY_SIGMA) ** 2
    own = np.array([_mean_depth(s, s.xyz[_SEEN], s.weights) for s in sightings])
    depths = ((xyz[:, None, _SEEN] - np.array([s.origin for s in sightings])[:, None])
              * np.array([s.rays for s in sightings])).sum(-1)
    ratios = np.log(np.maximum((depths * shares).sum(-1) / own, 1e-3))
    result += (ratios / np.array([_size_sigma(s) for s in sightings])) ** 2
    for i, person in enumerate(people):
        for j, sighting in enumerate(sightings):
            if person.is_placed(sighting.stamp_ns):
                continue
            others = [s for s in person.newest_sightings() if s.camera != sighting.camera]
            if others:
                apart = sum(_distance_of_two(s, sighting) for s in others) / len(others)
                result[i, j] = min(result[i, j], apart) if person.shared_ns is not None else apart
    return result


def _distance_of_two(a: Sighting, b: Sighting) -> float:
    """Return the squared distance, in sigma, of the sightings of two cameras."""
    both = np.minimum(a.weights, b.weights)
    if (both > 0).sum() < _MIN_JOINTS:
        return math.inf
    across = b.origin - a.origin
    cosine = (a.rays * b.rays).sum(-1)
    sine = np.maximum(1 - cosine ** 2, 1e-4)
    along_a, along_b = a.rays @ across, b.rays @ across
    depth_a = (along_a - cosine * along_b) / sine
    depth_b = (cosine * along_a - along_b) / sine
    on_a = a.origin + a.rays * depth_a[:, None]
    on_b = b.origin + b.rays * depth_b[:, None]
    gap = np.linalg.norm(on_a - on_b, axis=-1)
    behind = (depth_a < 0) | (depth_b < 0)
    away = _mean(np.where(behind, _FARTHEST, np.minimum(gap, _FARTHEST)), both)
    # Rays along the line between the cameras meet anywhere: they tell no depth
    told = both * sine
    if told.sum() < 0.02 * both.sum():
        return (away / RAY_SIGMA) ** 2
    sizes = (_size_error(s, on, told) for s, on in ((a, on_a), (b, on_b)))
    return (away / RAY_SIGMA) ** 2 + sum(size ** 2 for size in sizes)


def _size_error(sighting: Sighting, seen: np.ndarray, weights: np.ndarray) -> float:
    """Return the size error of a camera's own pose, in sigma, if its joints are at (13, 3)."""
    ratio = _mean_depth(sighting, seen, weights) \
        / _mean_depth(sighting, sighting.xyz[_SEEN], weights)
    return math.log(max(ratio, 1e-3)) / _size_sigma(sighting)


def _size_sigma(sighting: Sighting) -> float:
    return math.hypot(_SIZE_SIGMA, sighting.stature_sigma / sighting.stature)


def _mean_depth(sighting: Sighting, seen: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean depth of points (13, 3) along the rays, at least 1 mm."""
    return max(_mean(((seen - sighting.origin) * sighting.rays).sum(-1), weights), 1e-3)


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else _FARTHEST
