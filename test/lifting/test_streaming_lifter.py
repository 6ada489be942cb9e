# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.lifting.mirroring import (
    average_mirrored, mirror_features, mirror_joints, with_mirrored)
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.lifting.short_states import KINDS, ShortStates
from pose_machine_ros.lifting.streaming_lifter import StreamingLifter


def network():
    torch.manual_seed(0)
    return RecurrentLifter(RecurrentLifterConfig(width=16)).eval()


def lifted(net, features, dtype=torch.float32):
    """Return joints and log standard deviations (P, T, 17, 3), lifted frame by frame."""
    streaming, results = StreamingLifter(net, dtype), []
    state, short = torch.zeros(len(features), 2, KINDS, 2, streaming.width), ShortStates()
    with torch.no_grad():
        for frame in features.unbind(1):
            shares, keep = (torch.tensor([x]).expand(len(features), -1)
                            for x in short.next_frame())
            *result, state = streaming(frame, state, shares, keep)
            results.append(torch.stack(result, 1))
    return torch.stack(results, 1).unbind(2)


def long_and_short(net, features, t, frames):
    """Return the mean of the results from all frames up to `t`, and from the newest `frames`."""
    with torch.no_grad():
        answers = [average_mirrored(*net(with_mirrored(x))) for x in (
            features[:, :t + 1], features[:, max(0, t + 1 - frames):t + 1])]
    return [(long[:, -1] + short[:, -1]) / 2 for long, short in zip(*answers)]


def test_the_result_is_the_mean_of_a_long_state_and_a_short_one():
    net, features = network(), torch.randn(2, 45, FEATURES)
    answers = lifted(net, features)
    for t in range(45):
        frames = t + 1 if t < 8 else 9 + t % 8
        for ours, expected in zip(answers, long_and_short(net, features, t, frames)):
            torch.testing.assert_close(ours[:, t], expected, atol=1e-5, rtol=0)


def test_the_mirror_image_gets_the_mirrored_result():
    net, features = network(), torch.randn(3, 20, FEATURES)
    torch.testing.assert_close(lifted(net, mirror_features(features))[0],
                               mirror_joints(lifted(net, features)[0]), atol=1e-5, rtol=0)


def test_people_do_not_affect_each_other():
    net, features = network(), torch.randn(3, 20, FEATURES)
    torch.testing.assert_close(lifted(net, features)[0][1:], lifted(net, features[1:])[0])


def test_bfloat16_weights_move_the_joints_of_a_trained_lifter_by_millimetres():
    net, features = load_recurrent_lifter(), 0.5 * torch.randn(4, 40, FEATURES)
    exact, rounded = (lifted(net, features, dtype)[0] for dtype in (torch.float32, torch.bfloat16))
    assert 0 < float((exact - rounded).norm(dim=-1).mean()) < 0.02
