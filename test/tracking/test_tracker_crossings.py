# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Properties of the tracker with a simulated network, on people who walk past each other."""

from dataclasses import replace

import numpy as np
import pytest
from support import captured
from support.keypoint_networks import flip, Mirrored, Shuffled

from pose_machine_ros.evaluation.crossings import CAMERA, crossings, CrossingScenario
from pose_machine_ros.evaluation.simulated_network import SimulatedNetwork
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = np.broadcast_to(np.uint8(0), (CAMERA.height, CAMERA.width, 3))


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')


def play(network, crossing, config=TrackingConfig()):
    tracker = PeopleTracker(network, config)
    return [tracker.update(IMAGE, int(stamp)) for stamp in crossing.stamps_ns]


def hide(crossing, first, last):
    """Hide all people in frames `first` to `last`."""
    occluded = crossing.occluded.copy()
    occluded[first:last + 1] = True
    return replace(crossing, occluded=occluded)


@pytest.mark.parametrize('people', [2, 6, 10])
def test_ids_are_unique_new_once_and_lost_once_at_most(data, people):
    for crossing in crossings(data, CrossingScenario(people), 3):
        results = play(SimulatedNetwork(crossing), crossing, TrackingConfig(max_people=people))
        lost: set[str] = set()
        known: set[str] = set()
        for frame in results:
            ids = [p.id for p in frame]
            assert len(ids) == len(set(ids)) and not lost & set(ids)
            assert known <= lost | set(ids)  # no track ends without LOST
            for p in frame:
                assert (p.state == TrackingState.NEW) == (p.id not in known)
            known |= set(ids)
            lost |= {p.id for p in frame if p.state == TrackingState.LOST}
            standing = [p for p in frame if p.state.is_active]
            assert len(standing) <= people


def test_two_people_who_walk_past_each_other_keep_their_ids(data):
    kept = [{p.id for frame in play(SimulatedNetwork(c), c) for p in frame} == {'p1', 'p2'}
            for c in crossings(data, CrossingScenario(2), 6)]
    assert sum(kept) >= 5


@pytest.mark.parametrize('seconds, keeps', [(0.5, True), (0.9, True), (1.5, False)])
def test_a_person_unseen_for_less_than_max_age_keeps_the_id(data, seconds, keeps):
    crossing, = crossings(data, CrossingScenario(1), 1)
    crossing = hide(crossing, 60, 60 + round(seconds * 30))
    results = play(SimulatedNetwork(crossing), crossing)
    assert {p.id for frame in results for p in frame} == ({'p1'} if keeps else {'p1', 'p2'})
    hidden = [p.state for p in results[70]]
    assert hidden == [TrackingState.PREDICTED]


def test_the_box_of_an_unseen_person_moves_on(data):
    """The prediction for a hidden, walking person is closer to the truth than the last position."""
    for crossing in crossings(data, CrossingScenario(1), 6):
        crossing = hide(crossing, 75, 84)
        seen, *_, gone = (frame[0].box[:3:2].mean() for frame in
                          play(SimulatedNetwork(crossing), crossing)[74:85])
        true = crossing.keypoints[:, 0, :, 0]
        middle = (true.min(1) + true.max(1)) / 2
        moved = middle[84] - middle[74]
        if abs(moved) > 60:
            assert abs(gone - seen - moved) < 0.7 * abs(moved)


def test_a_mirrored_image_gives_mirrored_people_with_the_same_ids(data):
    for crossing in crossings(data, CrossingScenario(2), 5):
        plain = play(SimulatedNetwork(crossing), crossing)
        mirrored = play(Mirrored(SimulatedNetwork(crossing)), crossing)
        for frame, other in zip(plain, mirrored, strict=True):
            assert [(p.id, p.state) for p in frame] == [(p.id, p.state) for p in other]
            for p, q in zip(frame, other):
                np.testing.assert_allclose(flip(q.keypoints[None])[0], p.keypoints, atol=0.01)


def test_the_order_of_detections_does_not_matter(data):
    for crossing in crossings(data, CrossingScenario(6), 3):
        plain = play(SimulatedNetwork(crossing), crossing)
        shuffled = play(Shuffled(SimulatedNetwork(crossing)), crossing)
        for frame, other in zip(plain, shuffled, strict=True):
            assert [(p.id, p.state) for p in frame] == [(p.id, p.state) for p in other]
