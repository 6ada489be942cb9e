# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Re-detection: people who jump keep their ids, however late a search finds them."""

import numpy as np
import pytest
from support.keypoint_networks import person, Scene
from support.late_searcher import LateSearcher

from pose_machine_ros.tracking.redetection import associate_places, ExpectedPeople, redetect
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = np.broadcast_to(np.uint8(0), (720, 1280, 3))
FPS = 30
LATE = [1, 2, 3, 4]
NOBODY = ExpectedPeople([], [], np.zeros(0))


class SmallCrops(Scene):
    """A scene whose crops show only those whose middle is inside."""

    def refine(self, cut, regions):
        refined = super().refine(cut, regions)
        seen = refined.keypoints
        middles = (seen[..., :2].min(1) + seen[..., :2].max(1)) / 2
        outside = np.abs(middles - regions[:, :2]).max(1) > regions[:, 2] / 2
        seen[outside, :, 2] = 0.05
        return refined


def upside_down(keypoints):
    turned = keypoints.copy()
    turned[:, 1] = keypoints[:, 1].min() + keypoints[:, 1].max() - keypoints[:, 1]
    return turned


def play(frames, late):
    """Return the people in each of the `frames`, lists of keypoints (17, 3)."""
    scene = SmallCrops()
    tracker = PeopleTracker(scene, searcher=LateSearcher(late))
    results = []
    for i, scene.people in enumerate(frames):
        results.append(tracker.update(IMAGE, round(i * 1e9 / FPS)))
    return results


def person_at(people, keypoints):
    """Return the id of the one who is seen at `keypoints`."""
    return next((p.id for p in people
                 if p.state.is_seen and np.abs(p.keypoints - keypoints).max() < 1), None)


@pytest.mark.parametrize('late', LATE)
@pytest.mark.parametrize('change', [lambda k: k, upside_down])
def test_a_person_who_jumps_out_of_the_crop_keeps_the_id(late, change):
    """The network sees nobody in the jump: 1.2 heights in 0.3 s; the person runs on after it."""
    frames = [[person(300, 250)]] * 30 + [[]] * 9 \
        + [[change(person(570 + 6 * i, 250))] for i in range(30)]
    results = play(frames, late)
    assert {p.id for people in results for p in people} == {'p1'}
    found = [people[0].state.is_seen for people in results[39:]]
    assert not found[0] and all(found[15:])


@pytest.mark.parametrize('late', LATE)
def test_the_person_beside_one_who_jumps_keeps_the_id_too(late):
    frames = [[person(300, 250), person(900, 250)]] * 30 \
        + [[person(900 - 3 * i, 250)] for i in range(9)] \
        + [[person(570, 250), person(873 - 3 * i, 250)] for i in range(30)]
    results = play(frames, late)
    assert {p.id for people in results for p in people} == {'p1', 'p2'}
    before, after = (tuple(person_at(results[i], k) for k in frames[i]) for i in (29, 68))
    assert before == after and None not in before


@pytest.mark.parametrize('late', LATE)
def test_people_who_cross_do_not_swap_ids_because_a_search_is_late(late):
    """The one behind is hidden for a while; a search begins before that, or in it."""
    frames = []
    for i in range(90):
        front, behind = person(200 + 9 * i, 260), person(1000 - 9 * i, 240, top=110)
        hidden = abs(front[0, 0] - behind[0, 0]) < 60
        frames.append([front] + [behind] * (not hidden))
    results = play(frames, late)
    assert {p.id for people in results for p in people} == {'p1', 'p2'}
    before, after = (tuple(person_at(results[i], k) for k in frames[i]) for i in (20, 85))
    assert before == after and None not in before


@pytest.mark.parametrize('late', LATE)
def test_a_new_person_far_from_one_who_left_gets_a_new_id(late):
    results = play([[person(200, 200)]] * 30 + [[person(1000, 200)]] * 50, late)
    assert {p.id for people in results for p in people} == {'p1', 'p2'}
    assert person_at(results[-1], person(1000, 200)) == 'p2'


def test_people_in_sight_come_before_those_unseen():
    here = person(500, 300)
    in_sight = ExpectedPeople(['p2'], [person(510, 300)], np.array([0.03]))
    unseen = ExpectedPeople(['p1'], [here], np.array([0.3]))
    tracked, new = redetect(in_sight, unseen, [here])
    assert list(tracked) == ['p2'] and not new
    tracked, new = redetect(NOBODY, unseen, [here, person(1100, 300)])
    assert list(tracked) == ['p1'] and len(new) == 1
    np.testing.assert_array_equal(new[0], person(1100, 300))


def test_the_reach_grows_with_the_time_unseen_up_to_two_heights():
    def is_reached(heights, seconds):
        # `person` is 0.9 of the height of the given one.
        away = person(100 + heights * 0.9 * 200, 200)
        return bool(associate_places([person(100, 200)], np.array([seconds]), [away]))

    assert not is_reached(0.5, 0.0)
    assert is_reached(0.5, 0.1) and not is_reached(1.2, 0.1)
    assert is_reached(1.2, 0.4) and is_reached(1.9, 0.6)
    assert not is_reached(2.3, 10.0)


def test_a_person_of_another_size_is_another_person():
    one, unseen = [person(300, 200)], np.array([0.5])
    assert associate_places(one, unseen, [person(300, 260)]) == [(0, 0)]
    assert not associate_places(one, unseen, [person(300, 500, top=0)])
    assert not associate_places(one, unseen, [person(300, 80)])


def test_nobody_is_redetected_among_nobody():
    assert redetect(NOBODY, NOBODY, []) == ({}, [])
    assert redetect(NOBODY, NOBODY, [person(1, 100)])[0] == {}
    assert redetect(NOBODY, ExpectedPeople(['p1'], [person(1, 100)], np.ones(1)), []) == ({}, [])
