# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.tracking.follower import PeopleFollower

STEP = 33_333_333  # ns


def person(x, score=0.9, unseen=()):
    """Return keypoints (17, 3) of a person, 100 x 300 px, from u = `x` on."""
    keypoints = np.random.default_rng(0).uniform(0, 1, (17, 3)) * (100, 300, 0) + (x, 100, score)
    keypoints[list(unseen)] = np.nan, np.nan, 0
    return keypoints.astype(np.float32)


@pytest.mark.parametrize('score', [0.02, 0.9])  # the scores of detectors differ in scale
@pytest.mark.parametrize('unseen', [(), range(8), range(14)])
def test_people_keep_their_ids_while_they_walk(score, unseen):
    follower = PeopleFollower()
    for i in range(30):
        left, right = (person(x + 2 * i, score, unseen) for x in (0, 400))
        expected = [(left, 'p1'), (right, 'p2')][::1 if i % 3 == 0 else -1]
        assert follower.update([k for k, _ in expected], i * STEP) == [n for _, n in expected]


def test_a_person_keeps_the_id_within_max_age():
    follower = PeopleFollower()
    assert follower.update([person(0)], 0) == ['p1']
    assert follower.update([], 20 * STEP) == []
    assert follower.update([person(0)], 25 * STEP) == ['p1']
    assert follower.update([person(0)], 60 * STEP) == ['p2']


@pytest.mark.parametrize('max_age', [0.3, 3.0])
def test_max_age_is_the_time_until_a_person_is_forgotten(max_age):
    for seconds, expected in ((0.9 * max_age, ['p1']), (1.1 * max_age, ['p2'])):
        follower = PeopleFollower(max_age)
        follower.update([person(0)], 0)
        assert follower.update([person(0)], round(seconds * 1e9)) == expected


def test_two_people_in_a_frame_have_two_ids():
    follower = PeopleFollower()
    follower.update([person(0)], 0)
    assert sorted(follower.update([person(3), person(0)], STEP)) == ['p1', 'p2']
