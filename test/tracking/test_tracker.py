# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.tracking.bounding_box import bounding_box
from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
EMPTY = np.full_like(IMAGE, 127)
STEP = 33_000_000


@pytest.fixture(scope='module')
def network():
    return PoseNetwork2D()


@pytest.fixture
def tracker(network):
    return PeopleTracker(network)


def play(tracker, images, start=0):
    return [tracker.update(image, start + i * STEP) for i, image in enumerate(images)]


def states(people):
    return {p.id: p.state for p in people}


def test_people_are_new_once_and_then_tracked(tracker):
    first, *later = play(tracker, [IMAGE] * 5)
    assert states(first) == {'p1': TrackingState.NEW, 'p2': TrackingState.NEW}
    for people in later:
        assert states(people) == {'p1': TrackingState.TRACKED, 'p2': TrackingState.TRACKED}


def test_the_first_id_is_the_largest_person(tracker):
    man, bystander = tracker.update(IMAGE, 0)
    assert np.ptp(man.box[1::2]) > np.ptp(bystander.box[1::2])
    assert 120 < man.box[:3:2].mean() < 270 and bystander.box[0] > 270


def test_people_are_tracked_as_they_move(tracker):
    images = [np.roll(IMAGE, 3 * i, axis=1) for i in range(12)]
    frames = play(tracker, images)
    moved = bounding_box(frames[-1][0].keypoints)[0] - bounding_box(frames[0][0].keypoints)[0]
    assert frames[-1][0].id == frames[0][0].id
    assert moved == pytest.approx(33, abs=6)


def test_a_person_who_leaves_is_predicted_and_then_lost_once(tracker):
    play(tracker, [IMAGE] * 3)
    gone = play(tracker, [EMPTY] * 40, 3 * STEP)
    result = [states(people).get('p1') for people in gone]
    assert result[0] == TrackingState.PREDICTED
    assert result.count(TrackingState.LOST) == 1
    assert set(result[result.index(TrackingState.LOST) + 1:]) == {None}
    predicted = next(p for p in gone[0] if p.id == 'p1')
    assert np.isnan(predicted.keypoints[:, :2]).all() and (predicted.keypoints[:, 2] == 0).all()


def test_a_short_gap_keeps_the_id(tracker):
    play(tracker, [IMAGE] * 3)
    play(tracker, [EMPTY] * 6, 3 * STEP)
    back = play(tracker, [IMAGE] * 6, 9 * STEP)[-1]
    assert {'p1', 'p2'} == set(states(back))


def test_ids_are_never_reused(tracker):
    result = states(tracker.update(IMAGE, 0))
    for start in (10, 20):
        tracker.reset()
        before = {i for i, state in result.items() if state != TrackingState.LOST}
        result = states(tracker.update(IMAGE, start * STEP))
        assert {i for i, state in result.items() if state == TrackingState.LOST} == before
        assert len(result) > len(before)


def test_no_more_people_than_allowed(network):
    tracker = PeopleTracker(network, TrackingConfig(max_people=1))
    for people in play(tracker, [IMAGE] * 20):
        assert len(people) == 1


def test_a_person_who_fills_the_image_is_seen(tracker):
    close = cv2.resize(IMAGE[150:350, 120:300], None, fx=3, fy=3)
    people = play(tracker, [close] * 5)[-1]
    assert len(people) >= 1


def test_people_too_small_to_be_lifted_are_left_out(network):
    tracker = PeopleTracker(network, TrackingConfig(min_size=200))
    assert states(play(tracker, [IMAGE] * 10)[-1]) == {'p1': TrackingState.TRACKED}


@pytest.mark.parametrize('bad', [
    {'max_people': 0}, {'min_size': 0}, {'detect_interval': -1}, {'crop_margin': 0.5},
    {'min_confidence': 2}])
def test_unusable_settings_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        TrackingConfig(**bad)
