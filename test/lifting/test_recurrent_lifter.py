# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig


@pytest.fixture(scope='module')
def network():
    torch.manual_seed(0)
    return RecurrentLifter(RecurrentLifterConfig(width=32, blocks=2)).eval()


@pytest.fixture
def clip():
    return torch.randn(3, 12, FEATURES, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_frame_by_frame_is_the_same_as_the_whole_clip(network, clip):
    whole, whole_sigma = network(clip)
    state = None
    for t in range(clip.shape[1]):
        encoded, state = network.encode(clip[:, t:t + 1], state)
        joints, log_sigma = network.decode(encoded)
        torch.testing.assert_close(joints, whole[:, t], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(log_sigma, whole_sigma[:, t], atol=1e-5, rtol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize('lag', [0, 3])
def test_a_result_depends_on_as_many_later_frames_as_the_lag(network, clip, lag):
    before, _ = network(clip, lag)
    assert before.shape == (3, 12 - lag, 17, 3)
    changed = clip.clone()
    changed[:, 7] += 1
    moved = (network(changed, lag)[0] - before).abs().amax((0, 2, 3))
    assert (moved[:7 - lag] == 0).all()
    assert (moved[7 - lag:] > 0).all()


@torch.no_grad()
def test_people_do_not_affect_each_other(network, clip):
    alone, _ = network(clip[1:2])
    together, _ = network(clip)
    torch.testing.assert_close(alone[0], together[1], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_poses_are_relative_to_the_pelvis(network, clip):
    assert (network(clip)[0][:, :, 0] == 0).all()


def test_sizes_are_read_from_the_weights(network):
    config = RecurrentLifterConfig.of(network.state_dict())
    assert (config.width, config.blocks) == (32, 2)


def test_unusable_sizes_are_refused():
    with pytest.raises(InputError, match='width'):
        RecurrentLifterConfig(width=0)
