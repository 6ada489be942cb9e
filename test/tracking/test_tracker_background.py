# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Searches beside the frames: nobody waits for the detector, and new people are found anyway."""

import time

import numpy as np
import pytest
from support.keypoint_networks import BlockingScene, person, Scene

from pose_machine_ros.keypoints2d.network import Detections
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.tracking.background_searcher import BackgroundSearcher
from pose_machine_ros.tracking.searcher import InlineSearcher
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = np.broadcast_to(np.uint8(0), (720, 1280, 3))
STEP = 33_333_333


class Film:
    """A tracker that gets one frame after another of a scene."""

    def __init__(self, scene, searcher):
        self.scene, self.tracker = scene, PeopleTracker(scene, searcher=searcher)
        self.frame = 0

    def play(self, people):
        """Return the result of a frame that shows `people`."""
        self.scene.people = people
        self.frame += 1
        return self.tracker.update(IMAGE, self.frame * STEP)

    def play_until(self, found, people):
        """Return the first result of frames of `people` that is as wanted."""
        for _ in range(3000):
            if found(result := self.play(people)):
                return result
            time.sleep(0.001)
        raise AssertionError('no frame is as wanted')


class PacedSearcher(InlineSearcher):
    """Searches in the frame, and the tracker treats it as one that searches beside the frames."""

    in_background = True


@pytest.fixture
def film():
    made = Film(BlockingScene(), BackgroundSearcher())
    yield made
    made.scene.may_detect.set()
    made.tracker.close()


def seen_ids(result):
    return {p.id for p in result if p.state.is_seen}


def is_new(result):
    return any(p.state == TrackingState.NEW for p in result)


def test_the_first_people_are_found_in_the_first_frame(film):
    assert seen_ids(film.play([person(300, 300), person(800, 300)])) == {'p1', 'p2'}
    assert film.scene.beside == 0


def test_the_followed_do_not_wait_for_the_detector_and_a_new_person_is_found_after_it(film):
    """The new person walks on during the search, and is found at the present place."""
    film.play([person(300, 300)])
    film.play_until(lambda _: film.scene.is_detecting.wait(0), [person(300, 300), person(900, 300)])
    for i in range(8):
        walked = [person(300 + 5 * i, 300), person(900 + 8 * i, 300)]
        one, = film.play(walked)
        assert one.id == 'p1' and one.state == TrackingState.TRACKED
        np.testing.assert_allclose(one.keypoints, walked[0])
    assert film.scene.beside == 1
    film.scene.may_detect.set()
    result = film.play_until(is_new, walked)
    assert seen_ids(result) == {'p1', 'p2'}
    np.testing.assert_allclose(
        next(p for p in result if p.id == 'p2').keypoints, walked[1])


def test_the_crop_of_a_candidate_is_wider_the_older_the_search_is(film):
    film.play([person(300, 300)])
    film.play_until(lambda _: film.scene.is_detecting.wait(0), [person(300, 300), person(900, 300)])
    sides, refine = [], film.scene.refine

    def measured(cut, regions):
        sides.append(regions[:, 2].tolist())
        return refine(cut, regions)

    film.scene.refine = measured
    for _ in range(5):
        film.play([person(300, 300), person(900, 300)])
    film.scene.may_detect.set()
    film.play_until(is_new, [person(300, 300), person(900, 300)])
    followed, candidate = sides[-1]
    margin = film.tracker.config.crop_margin
    assert candidate >= followed * (margin + 5 / 30 - 0.01) / margin
    assert candidate <= followed * (margin + 0.51) / margin
    film.play([person(300, 300), person(900, 300)])
    assert sides[-1] == pytest.approx([followed, followed], rel=0.01)  # now they are followed


def test_a_person_who_moved_during_the_search_gets_no_second_track(film):
    film.play([person(300, 300)])
    film.play_until(lambda _: film.scene.is_detecting.wait(0), [person(300, 300)])
    for i in range(1, 31):
        film.play([person(300 + 20 * i, 300)])
    film.scene.may_detect.set()
    film.scene.crops = 0
    for _ in range(100):
        result = film.play([person(900, 300)])
        assert seen_ids(result) == {'p1'} and len(result) == 1
        time.sleep(0.001)
    assert film.scene.crops == 100  # what the search found is known to be p1


def test_a_reset_during_a_search_discards_what_it_finds(film):
    film.play([person(300, 300)])
    film.play_until(lambda _: film.scene.is_detecting.wait(0), [person(300, 300), person(900, 300)])
    film.tracker.reset()
    assert seen_ids(film.play([person(600, 300)])) == {'p2'}  # at once
    for _ in range(60):
        film.play([person(600, 300)])
    assert film.scene.beside == 1  # no second one beside it
    film.scene.may_detect.set()
    film.scene.crops = 0
    for _ in range(100):
        assert seen_ids(film.play([person(600, 300)])) == {'p2'}
        time.sleep(0.001)
    assert film.scene.crops == 100


def test_an_error_of_the_detector_is_raised_by_a_later_frame_and_tracking_goes_on(film):
    def fails(*_):
        raise RuntimeError('broken')

    film.play([person(300, 300)])
    detect, film.scene.detect = film.scene.detect, fails
    with pytest.raises(RuntimeError, match='broken'):
        film.play_until(lambda _: False, [person(300, 300)])
    film.scene.detect = detect
    film.scene.may_detect.set()
    result = film.play_until(is_new, [person(300, 300), person(900, 300)])
    assert seen_ids(result) == {'p1', 'p2'}


def test_a_frame_refines_one_candidate_beside_the_followed():
    film = Film(Scene(), PacedSearcher())
    film.play([person(100, 200)])
    crowd = [person(100 + 200 * i, 200 + i) for i in range(6)]
    followed, frames = 1, []
    for _ in range(60):
        film.scene.crops = 0
        result = film.play(crowd)
        frames.append(film.scene.crops - followed)
        followed = len(seen_ids(result))
    assert followed == 6 and max(frames) == 1


class WithGhost(Scene):
    """The detector also finds a person in a picture; the network for crops does not."""

    ghost = person(1000, 300)

    def detect(self, *args):
        found = super().detect(*args)
        return Detections(np.concatenate((found.keypoints, [self.ghost])),
                          np.append(found.scores, 0.9))

    def refine(self, cut, regions):
        refined = super().refine(cut, regions)
        refined.keypoints[np.abs(regions[:, 0] - 1000) < 100, :, 2] = 0.05
        return refined


@pytest.mark.parametrize('searcher, most', [(PacedSearcher, 6), (InlineSearcher, None)])
def test_a_picture_on_the_wall_is_not_refined_in_every_search(searcher, most):
    film = Film(WithGhost(), searcher())
    for _ in range(300):  # ten seconds, 40 searches
        result = film.play([person(300, 200)])
    assert seen_ids(result) == {'p1'}
    ghosts = film.scene.crops - 300
    if most is None:
        assert ghosts >= 30
    else:
        assert 1 <= ghosts <= most


def test_with_a_searcher_that_is_fast_enough_the_same_people_are_found_in_the_same_frames():
    """Those who appear one at a time, walk and leave."""
    results = []
    for searcher in (InlineSearcher(), PacedSearcher()):
        film = Film(Scene(), searcher)
        results.append([
            {p.id: p.state for p in film.play(
                [person(200 + 4 * i, 300)]
                + [person(700 + 3 * i, 250)] * (20 < i < 60) + [person(1100, 400)] * (i > 45))}
            for i in range(90)])
    assert results[0] == results[1] and {'p1', 'p2', 'p3'} <= set().union(*results[0])
