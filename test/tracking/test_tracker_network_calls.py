# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How often the networks run: this is what a frame costs on any machine."""

from __future__ import annotations

import numpy as np
import pytest
from support.keypoint_networks import person, Scene

from pose_machine_ros.tracking.config import TrackingConfig
from pose_machine_ros.tracking.tracker import PeopleTracker

FPS, SECONDS = 30, 4


class CountedScene(Scene):
    """A scene that keeps the number of crops of each batch, and counts detections."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.people = [person(150 + 200 * i, 300) for i in range(count)]
        self.batches: list[int] = []
        self.detections = 0

    def detect(self, *args):
        self.detections += 1
        return super().detect(*args)

    def refine(self, cut, regions):
        self.batches.append(len(regions))
        return super().refine(cut, regions)


@pytest.mark.parametrize('count', [1, 2, 5])
def test_a_frame_takes_one_batch_of_crops_and_the_detector_runs_at_intervals(count: int) -> None:
    scene = CountedScene(count)
    tracker = PeopleTracker(scene, TrackingConfig())
    image = np.zeros((720, 1280, 3), np.uint8)
    before = 0
    for frame in range(FPS * SECONDS):
        scene.batches.clear()
        detections = scene.detections
        people = tracker.update(image, round(frame * 1e9 / FPS))
        if frame <= FPS:
            before = scene.detections
            continue
        assert len(people) == count
        if scene.detections == detections:
            assert scene.batches == [count]
    intervals = (SECONDS - 1) / TrackingConfig().detect_interval + 1
    assert 0 < scene.detections - before <= 2 * intervals  # a large and a small size in each
