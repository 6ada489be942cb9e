# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support.keypoint_networks import person

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.tracking.association import suppress_duplicates


def less_sure(keypoints):
    return keypoints * (1, 1, 0.8)


def exchanged(keypoints):
    """Return the person with left and right exchanged, as seen from behind."""
    return keypoints[list(COCO_17.mirror)]


@pytest.mark.parametrize('again', (np.copy, exchanged))
def test_of_duplicates_the_most_confident_one_is_kept(again):
    once = person(600, 300)
    twice = again(once) + np.random.default_rng(0).normal(size=(17, 3)) * (5, 5, 0)
    assert suppress_duplicates([less_sure(once), twice]) == [1]
    assert suppress_duplicates([twice, less_sure(once)]) == [0]


@pytest.mark.parametrize('apart', (60, 200))
def test_two_people_side_by_side_are_both_kept(apart):
    people = [person(600, 300), exchanged(person(600 + apart, 300))]
    assert sorted(suppress_duplicates(people)) == [0, 1]
