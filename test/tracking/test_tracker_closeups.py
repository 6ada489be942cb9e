# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People so close that the image shows them only in part, and when the detector runs."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.tracking.multi_scale import DetectionPass, MultiScaleDetector
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
WAIST_UP = cv2.resize(IMAGE[140:300, 90:290], (900, 720), interpolation=cv2.INTER_CUBIC)[:, 130:770]
SECOND = 1_000_000_000


@pytest.fixture(scope='module')
def network():
    return PoseNetwork2D()


def scene(*placed):
    """Return a grey image 1280 x 720 with images whose upper left corner is at (u, v)."""
    image = np.full((720, 1280, 3), 127, np.uint8)
    for part, (u, v) in placed:
        image[v:v + part.shape[0], u:u + part.shape[1]] = part
    return image


def seen_after(network, image, seconds):
    tracker = PeopleTracker(network)
    for i in range(round(seconds * 10)):
        people = tracker.update(image, i * SECOND // 10)
    return [p for p in people if p.state.is_seen]


@pytest.mark.parametrize('u', (0, 320, 640))
def test_a_person_cut_off_at_the_waist_is_found(network, u):
    person, = seen_after(network, scene((WAIST_UP, (u, 0))), 1)
    assert u < person.box[0] and person.box[2] < u + 640
    assert np.ptp(person.box[1::2]) > 400


def test_two_people_cut_off_at_the_waist_are_both_found_in_the_first_frame(network):
    people = seen_after(network, scene((WAIST_UP, (0, 0)), (WAIST_UP[:, ::-1], (640, 0))), 0.1)
    left, right = sorted(people, key=lambda p: p.box[0])
    assert left.box[2] < 640 + 20 and right.box[0] > 640 - 20


def test_one_person_close_by_and_one_far_away_are_both_found(network):
    whole = cv2.resize(IMAGE[140:430, 90:290], None, fx=0.8, fy=0.8)
    for first in (0, 640):
        people = seen_after(network, scene((WAIST_UP, (first, 0)), (whole, (900 - first, 300))), 1)
        heights = sorted(float(np.ptp(p.box[1::2])) for p in people)
        assert len(heights) == 2 and heights[0] < 250 and heights[1] > 400


def test_an_image_without_people_gives_none(network):
    wall = cv2.resize(IMAGE[:120], (1280, 720))
    assert not seen_after(network, wall, 1)


def passes(interval, fps, seconds=10, most=None):
    """Return the times in seconds of the detector's passes of each kind."""
    detector, times = MultiScaleDetector(None), {kind: [] for kind in DetectionPass}
    for i in range(round(seconds * fps)):
        for kind in detector.due(round(i * SECOND / fps), interval, most):
            times[kind].append(i / fps)
    return times


@pytest.mark.parametrize('fps', (2, 5, 10, 30, 60))
@pytest.mark.parametrize('interval', (0, 0.2, 0.5))
def test_both_kinds_of_passes_come_once_in_an_interval(interval, fps):
    for times in passes(interval, fps).values():
        assert times[0] == 0
        assert np.diff(times).max() < interval + 1 / fps + 1e-6
        assert np.diff(times)[1:].min() > interval - 1e-6


def test_only_the_first_frame_takes_the_time_of_both_passes():
    fine, coarse = passes(0.5, 30).values()
    assert set(fine) & set(coarse) == {0}


@pytest.mark.parametrize('fps', (2, 5, 10, 30))
def test_with_at_most_one_pass_in_a_frame_the_kinds_take_turns_in_slow_frames(fps):
    fine, coarse = passes(0.2, fps, most=1).values()
    assert set(fine) & set(coarse) == {0}
    for times in (fine, coarse):
        assert np.diff(times).max() < max(0.2 + 1 / fps, 2 / fps) + 1e-6
