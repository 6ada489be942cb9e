# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.lifting.mirroring import (
    average_mirrored, mirror_features, mirror_joints, with_mirrored)
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.lifting.recurrent_state import lift_newest, RecurrentState, ROWS


def network():
    torch.manual_seed(0)
    return RecurrentLifter(RecurrentLifterConfig(width=16)).eval()


def lifted(net, features):
    """Return (P, T, 17, 3): people frame by frame."""
    memories = [RecurrentState() for _ in features]
    with torch.no_grad():
        return torch.stack([lift_newest(net, frame, memories)[0]
                            for frame in features.unbind(1)], 1)


def long_and_short(net, features, t, frames):
    """Return the mean of what the whole past says, and the newest `frames` alone."""
    with torch.no_grad():
        answers = [average_mirrored(*net(with_mirrored(x)))[0][:, -1] for x in (
            features[:, :t + 1], features[:, max(0, t + 1 - frames):t + 1])]
    return (answers[0] + answers[1]) / 2


def test_the_answer_is_the_mean_of_a_long_memory_and_a_short_one():
    net, features = network(), torch.randn(2, 45, FEATURES)
    answers = lifted(net, features)
    for t in range(45):
        frames = t + 1 if t < 8 else 9 + t % 8
        torch.testing.assert_close(answers[:, t], long_and_short(net, features, t, frames),
                                   atol=1e-5, rtol=0)


def test_the_mirror_image_gets_the_mirrored_answer():
    net, features = network(), torch.randn(3, 20, FEATURES)
    torch.testing.assert_close(lifted(net, mirror_features(features)),
                               mirror_joints(lifted(net, features)), atol=1e-5, rtol=0)


def test_people_do_not_see_each_other():
    net, features = network(), torch.randn(3, 20, FEATURES)
    torch.testing.assert_close(lifted(net, features)[1:], lifted(net, features[1:]))


def test_a_memory_is_no_larger_after_many_frames():
    net, memory = network(), RecurrentState()
    for _ in range(100):
        lift_newest(net, torch.randn(1, FEATURES), [memory])
    assert memory.state(torch.zeros(1), 16)[0].shape == (1, ROWS, 16)
