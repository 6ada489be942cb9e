# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from pose_machine_ros.synthesis.rendered import occluders
from pose_machine_ros.synthesis.rendered.occluders import random_occluder


def person():
    mask = np.zeros((200, 200), np.float32)
    mask[40:160, 80:120] = 1
    return mask


def test_an_occluder_hides_some_of_the_person(monkeypatch):
    monkeypatch.setattr(occluders, '_SHARE', 1.0)
    masks = [random_occluder(person(), np.random.default_rng(seed)) for seed in range(60)]
    hidden = [(mask * person()).sum() / person().sum() for mask in masks if mask is not None]
    assert len(hidden) > 30
    assert 0 < min(hidden) and max(hidden) < 0.45


def test_most_people_are_not_occluded():
    masks = [random_occluder(person(), np.random.default_rng(seed)) for seed in range(200)]
    assert 2 < sum(mask is not None for mask in masks) < 50


def test_nobody_is_not_occluded(monkeypatch):
    monkeypatch.setattr(occluders, '_SHARE', 1.0)
    assert random_occluder(np.zeros((50, 50), np.float32), np.random.default_rng(0)) is None
