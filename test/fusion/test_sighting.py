# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a view says of its people, in the world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from support.rigs import person_at, pose_around, seen_from

from pose_machine_ros.fusion.sighting import ray_distances, Sighting, sightings_of
from pose_machine_ros.fusion.view import View
from pose_machine_ros.pose import Skeleton, TrackingState

POSE = pose_around(40)
TRUTH = person_at(0.4, 0.1, 1.0)


def sight(*skeletons: Skeleton, **changes: object) -> list[Sighting]:
    return sightings_of(View('a', 7, POSE, list(skeletons), **changes))


def test_rays_and_joints_are_in_the_world() -> None:
    seen, = sight(seen_from(POSE, TRUTH))
    np.testing.assert_allclose(seen.xyz, TRUTH, atol=1e-5)
    np.testing.assert_allclose(seen.origin, POSE.translation)
    assert ray_distances(TRUTH[None], [seen]).max() < 1e-4
    shifted = ray_distances(TRUTH[None] + (0, 0, 0.1), [seen])
    assert 0.05 < shifted.min() and shifted.max() < 0.1001


def test_a_person_of_another_size_looks_the_same() -> None:
    seen, = sight(seen_from(POSE, TRUTH))
    larger = seen.scaled(1.1 * seen.size)
    assert ray_distances(larger[None], [seen]).max() < 1e-3
    np.testing.assert_allclose(larger - seen.origin, 1.1 * (seen.xyz - seen.origin))


def test_the_size_is_no_part_of_the_information() -> None:
    own = seen_from(POSE, TRUTH)
    pose_part = np.tile(np.diag((0.03, 0.04, 0.1)) ** 2, (17, 1, 1))
    along = own.xyz * (own.stature_sigma / own.stature)
    whole = replace(own, covariance=(
        pose_part + along[:, :, None] * along[:, None]).astype(np.float32))
    known = replace(own, covariance=pose_part.astype(np.float32), stature_sigma=1e-9)
    (with_size,), (without,) = sight(whole), sight(known)
    np.testing.assert_allclose(with_size.information, without.information, rtol=0.02, atol=0.5)
    assert (np.linalg.eigvalsh(with_size.information) > 0).all()


def test_a_covariance_without_the_size_stays_positive() -> None:
    own = seen_from(POSE, TRUTH)
    seen, = sight(replace(own, covariance=np.tile(1e-4 * np.eye(3, dtype=np.float32), (17, 1, 1))))
    assert (np.linalg.eigvalsh(seen.information) > 0).all()


def test_only_people_with_enough_keypoints_are_sightings() -> None:
    own = seen_from(POSE, TRUTH)
    rays = own.rays.copy()
    rays[2:] = np.nan
    lost = replace(own, state=TrackingState.PREDICTED)
    assert sight(replace(own, rays=rays), lost) == []
    assert sight() == []


def test_unknown_joints_and_statures_are_replaced() -> None:
    own = seen_from(POSE, TRUTH)
    xyz = own.xyz.copy()
    xyz[3] = np.nan
    seen, = sight(replace(own, xyz=xyz, stature=np.nan, stature_sigma=np.nan))
    assert not seen.known[3] and seen.known.sum() == 16
    assert np.isfinite(seen.information).all() and 1.5 < seen.stature < 1.9
