# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.feature_ablation import ablations
from pose_machine_ros.pose import Appearance

CAMERA = Camera.from_fov(640, 480)


def clip(name, frames, first):
    """Return a clip whose appearances are numbered from `first` on."""
    appearances = [Appearance(np.full((26, 2), first + i, np.float32), 0.0) for i in range(frames)]
    return Clip(name, np.ones((frames, 17, 3)), np.arange(frames), CAMERA,
                np.zeros((frames, 17, 3)), list(range(17)), [0], appearances=appearances)


def numbers(clips):
    """Stand in for a method: return the numbers of the appearances it is given."""
    return [c.appearances and [int(a.features[0, 0]) for a in c.appearances] for c in clips]


def test_each_ablation_gives_the_features_that_it_names():
    clips = [clip('a', 20, 0), clip('b', 7, 100), replace(clip('c', 4, 0), appearances=None)]
    rows = {name: method(clips[:2]) for name, method in ablations(numbers, clips).items()}
    assert rows['no features'] == [None, None]
    shuffled = rows['features of other frames']
    assert [sorted(x) for x in shuffled] == [list(range(20)), list(range(100, 107))]
    assert shuffled[0] != list(range(20))
    other = rows['features of another clip']
    assert other[0] == [100 + i % 7 for i in range(20)] and other[1] == list(range(7))


def test_a_single_clip_has_no_other():
    clips = [clip('a', 3, 0)]
    assert list(ablations(numbers, clips)) == ['no features', 'features of other frames']
    clips.append(replace(clip('b', 3, 0), appearances=[None] * 3))
    assert len(ablations(numbers, clips)) == 2
