# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Each person gets the features of their own crop."""

import numpy as np
import pytest
from support.keypoint_networks import person, Scene

from pose_machine_ros.keypoints2d.crops import axes
from pose_machine_ros.keypoints2d.network import Refined
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = np.broadcast_to(np.uint8(0), (720, 1280, 3))
STEP = 33_333_333


class WithFeatures(Scene):
    """A scene whose features are the place of the nose that was refined, and the region."""

    def refine(self, cut, regions):
        keypoints = super().refine(cut, regions).keypoints
        marks = np.concatenate((keypoints[:, 0, :2], regions), -1)
        return Refined(keypoints, np.repeat(marks[:, None], 26, 1).astype(np.float32))


def people_at(*places):
    return [person(u, height) for u, height in places]


def leaning(keypoints, lean):
    """Return keypoints (17, 3) turned clockwise by `lean` radians about their middle."""
    turned = keypoints.copy()
    middle = keypoints[:, :2].mean(0)
    turned[:, :2] = (keypoints[:, :2] - middle) @ axes(lean).T + middle
    return turned


@pytest.fixture
def scene():
    return WithFeatures()


def assert_own(people):
    """Assert that the features of people who are seen are of their own keypoints."""
    for seen in people:
        if not seen.state.is_seen:
            assert seen.appearance is None
            continue
        features = seen.appearance.features
        assert features.shape == (26, 6)
        np.testing.assert_allclose(features[0, :2], seen.keypoints[0, :2], atol=1e-3)
        assert seen.appearance.turn == pytest.approx(float(features[0, 5]), abs=1e-6)


def test_people_have_their_own_features_whatever_their_order(scene):
    tracker = PeopleTracker(scene)
    for frame in range(60):
        at = [(150 + 4 * frame, 300), (500 + frame, 250), (900 - 3 * frame, 400), (1150, 200)]
        scene.people = people_at(*(at[i] for i in np.random.default_rng(frame).permutation(4)))
        people = tracker.update(IMAGE, frame * STEP)
        assert_own(people)
    assert len(people) == 4 and all(p.state == TrackingState.TRACKED for p in people)
    assert len({p.appearance.features.tobytes() for p in people}) == 4


def test_the_turn_is_that_of_each_persons_crop(scene):
    tracker = PeopleTracker(scene)
    scene.people = [leaning(person(u, 300), lean) for u, lean in ((200, -0.5), (600, 0), (1000, 1))]
    for frame in range(4):
        people = tracker.update(IMAGE, frame * STEP)
        assert_own(people)
    left, upright, right = sorted(people, key=lambda p: p.box[0])
    assert left.appearance.turn < -0.3 and abs(upright.appearance.turn) < 0.1
    assert 0.6 < right.appearance.turn < 1.1


def test_who_enters_has_features_at_once_and_who_is_not_seen_has_none(scene):
    tracker = PeopleTracker(scene)
    states = set()
    for frame in range(90):
        scene.people = people_at((200, 300), (600, 350), *[(1000, 400)] * (frame >= 20))
        if 50 <= frame < 60:
            scene.people = scene.people[1:]
        people = tracker.update(IMAGE, frame * STEP)
        assert_own(people)
        states |= {p.state for p in people}
    assert states == {TrackingState.NEW, TrackingState.TRACKED, TrackingState.PREDICTED}
    tracker.reset()
    lost = [p for p in tracker.update(IMAGE, 90 * STEP) if p.state == TrackingState.LOST]
    assert len(lost) == 3 and all(p.appearance is None for p in lost)


def test_a_network_without_features_gives_people_without_appearance():
    scene = Scene()
    scene.people = people_at((200, 300), (600, 350))
    people = PeopleTracker(scene).update(IMAGE, 0)
    assert len(people) == 2 and all(p.appearance is None for p in people)
