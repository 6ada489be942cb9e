# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Candidates: a few in each frame, none that is old, none again and again."""

import numpy as np
import pytest
from support.keypoint_networks import person

from pose_machine_ros.tracking.candidates import Candidates
from pose_machine_ros.tracking.multi_scale import DetectionPass

SECOND = 1_000_000_000
FOUND = [person(200 + 300 * i, 300 - i) for i in range(4)]


@pytest.fixture
def candidates():
    return Candidates()


def less_sure(keypoints, by):
    changed = keypoints.copy()
    changed[:, 2] -= by
    return changed


def test_they_are_given_out_in_order_and_once(candidates):
    candidates.replace(FOUND, 0, [DetectionPass.FINE])
    given = [candidates.take(i, 1) for i in range(6)]
    assert [len(g) for g in given] == [1, 1, 1, 1, 0, 0]
    np.testing.assert_array_equal(np.concatenate(given[:4]), FOUND)
    candidates.replace(FOUND, 6, [DetectionPass.FINE])
    assert len(candidates.take(6, None)) == 4


def test_a_newer_search_replaces_those_that_wait(candidates):
    candidates.replace(FOUND, 0, [DetectionPass.FINE])
    candidates.replace(FOUND[:1], 1, [DetectionPass.COARSE])
    assert candidates.passes == [DetectionPass.COARSE]
    assert len(candidates.take(1, None)) == 1


def test_old_ones_are_dropped_but_a_slow_machine_tries_the_first(candidates):
    candidates.replace(FOUND, 0, [DetectionPass.FINE])
    assert len(candidates.take(SECOND, 1)) == 1  # the first frame after the search
    assert not candidates.take(SECOND + 1, 1)
    candidates.replace(FOUND, 0, [DetectionPass.FINE])
    assert [len(candidates.take(i * SECOND // 11, 1)) for i in range(1, 6)] == [1, 1, 1, 0, 0]


def test_a_refused_one_is_not_tried_again_for_two_seconds(candidates):
    candidates.refuse(FOUND[0], 0)
    for stamp, count in ((SECOND // 2, 3), (2 * SECOND, 3), (2 * SECOND + 1, 4)):
        candidates.replace(FOUND, stamp, [DetectionPass.FINE])
        assert len(candidates.take(stamp, None)) == count


def test_a_refused_one_is_tried_again_at_once_if_the_detector_is_more_confident(candidates):
    candidates.refuse(less_sure(FOUND[0], 0.3), 0)
    candidates.replace([less_sure(FOUND[0], 0.25)], 1, [DetectionPass.FINE])
    assert not candidates.take(1, None)
    candidates.replace([less_sure(FOUND[0], 0.15)], 2, [DetectionPass.FINE])
    assert len(candidates.take(2, None)) == 1


def test_a_reset_forgets_all(candidates):
    candidates.refuse(FOUND[0], 0)
    candidates.replace(FOUND, 0, [DetectionPass.FINE])
    candidates.reset()
    assert not candidates.take(0, None) and not candidates.passes
    candidates.replace(FOUND, 0, [DetectionPass.FINE])
    assert len(candidates.take(0, None)) == 4
