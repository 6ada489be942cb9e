# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""More people than max_people: which of them are tracked, with a perfect network."""

from dataclasses import replace

import numpy as np
import pytest
from support.keypoint_networks import person, Scene

from pose_machine_ros.keypoints2d.network import Detections
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.tracking.bounding_box import apparent_height
from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = np.broadcast_to(np.uint8(0), (720, 1280, 3))
STEP = 33_333_333
LYING = np.array([[0.0, -1.0], [1.0, 0.0]])


@pytest.fixture
def scene():
    return Scene()


def play(tracker, scene, people, frames=30, start=0):
    """Return the result of each of `frames` frames that show `people`."""
    scene.people = people
    return [tracker.update(IMAGE, (start + i) * STEP) for i in range(frames)]


def centres(result):
    """Return the u of the centre of each person seen, to 10 px."""
    return sorted(round(float(p.box[:3:2].mean()), -1) for p in result if p.state.is_seen)


SIX = [person(100 + 200 * i, 150 + i) for i in range(6)]


def test_a_near_person_replaces_the_furthest_who_is_lost_once(scene):
    tracker = PeopleTracker(scene)
    before = play(tracker, scene, SIX)[-1]
    results = play(tracker, scene, [*SIX, person(640, 500, 200)], start=30)
    first = next(f for f in results if any(p.state == TrackingState.NEW for p in f))
    assert results.index(first) <= 15  # detect_interval
    lost = [p.id for f in results for p in f if p.state == TrackingState.LOST]
    furthest = min((p for p in before), key=lambda p: apparent_height(p.keypoints)).id
    assert lost == [furthest] == [p.id for p in first if p.state == TrackingState.LOST]
    for frame in results:
        assert sum(p.state.is_active for p in frame) == 6
    assert 640 in centres(results[-1])
    assert furthest not in {p.id for p in results[-1]}


def test_the_nearest_are_tracked_for_any_order_of_detections(scene):
    near = person(640, 500, 200)
    tracker = PeopleTracker(scene)
    assert centres(play(tracker, scene, [*SIX, near])[-1]) == [300, 500, 640, 700, 900, 1100]


@pytest.mark.parametrize('max_people', (1, 2))
def test_people_of_similar_size_do_not_replace_each_other(scene, max_people):
    """Sizes that vary as those of people who raise their arms and bend."""
    rng = np.random.default_rng(0)
    tracker = PeopleTracker(scene, TrackingConfig(max_people=max_people, detect_interval=0))
    ids = set()
    for i in range(200):
        scene.people = [person(200 + 300 * n, 300 * rng.uniform(0.86, 1.17)) for n in range(3)]
        ids |= {p.id for p in tracker.update(IMAGE, i * STEP)}
    assert len(ids) == max_people


def test_with_one_track_the_nearest_person_gets_it_and_keeps_it(scene):
    tracker = PeopleTracker(scene, TrackingConfig(max_people=1))
    far, near = person(300, 200), person(800, 320)
    assert centres(play(tracker, scene, [far])[-1]) == [300]
    assert centres(play(tracker, scene, [far, near], start=30)[-1]) == [800]
    results = play(tracker, scene, [far, person(800, 220)], frames=60, start=60)
    assert {p.id for frame in results for p in frame} == {'p2'}  # further away, and kept


def test_the_nearest_person_is_not_the_one_who_covers_most_of_the_image(scene):
    """A person cut off at the waist covers less of the image than a person further away."""
    far, close = person(300, 400, 50), person(900, 900, 350, cut=720)
    tracker = PeopleTracker(scene, TrackingConfig(max_people=1))
    assert centres(play(tracker, scene, [far])[-1]) == [300]
    assert centres(play(tracker, scene, [far, close], start=30)[-1]) == [900]


def test_the_apparent_height_does_not_depend_on_the_posture():
    standing = person(600, 300)
    middle = standing[:, :2].mean(0)
    for turned in (LYING, -LYING, -np.eye(2)):
        lying = standing.copy()
        lying[:, :2] = (standing[:, :2] - middle) @ turned + middle
        assert apparent_height(lying) == pytest.approx(apparent_height(standing))
    cut = person(600, 300, cut=100 + 0.6 * 300)
    assert apparent_height(cut) == pytest.approx(300, rel=0.15)


def test_with_max_people_tracked_others_are_not_refined(scene):
    tracker = PeopleTracker(scene)
    play(tracker, scene, SIX)
    scene.crops = 0
    play(tracker, scene, [*SIX, *(person(200 + 200 * i, 160, 400) for i in range(4))], 60, 30)
    assert scene.crops == 60 * 6


def test_the_tracker_is_crowded_if_a_person_has_no_track(scene):
    tracker = PeopleTracker(scene)
    for people, crowded in ((SIX[:5], False), (SIX, False), ([*SIX, person(600, 160, 400)], True),
                            (SIX, False), (SIX[:3], False)):
        play(tracker, scene, people, 60)
        assert tracker.is_crowded == crowded, len(people)
        tracker.reset()
        assert not tracker.is_crowded
    play(tracker, scene, [*SIX, person(600, 160, 400)])
    assert tracker.is_crowded
    play(tracker, scene, SIX, 60, start=30)  # those without a track get one
    assert not tracker.is_crowded
    tracker.config = replace(tracker.config, max_people=2)
    play(tracker, scene, SIX, start=90)
    assert tracker.is_crowded


def test_with_a_lower_max_people_the_furthest_are_lost_immediately(scene):
    tracker = PeopleTracker(scene)
    before = play(tracker, scene, SIX)[-1]
    tracker.config = replace(tracker.config, max_people=2)
    results = play(tracker, scene, SIX, start=30)
    lost = {p.id for p in results[0] if p.state == TrackingState.LOST}
    kept = {p.id for p in results[0] if p.state.is_active}
    assert len(lost) == 4 and lost | kept == {p.id for p in before}
    assert centres(results[0]) == [900, 1100]  # the two largest of the six
    assert all({p.id for p in frame} == kept for frame in results[1:])


def test_near_false_positives_do_not_keep_people_out():
    """The detector finds people in a pattern; the network for crops does not."""
    ghosts = [person(200 + 300 * i, 600) for i in range(3)]

    class FalsePositives(Scene):

        def detect(self, *args):
            found = super().detect(*args)
            return Detections(np.concatenate((found.keypoints, ghosts)), np.full(4, 0.9))

        def refine(self, cut, regions):
            refined = super().refine(cut, regions)
            refined.keypoints[regions[:, 2] > 500, :, 2] = 0.05
            return refined

    scene = FalsePositives()
    tracker = PeopleTracker(scene, TrackingConfig(max_people=1))
    assert centres(play(tracker, scene, [person(1000, 200)])[-1]) == [1000]
