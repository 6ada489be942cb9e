# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.keypoints2d import movenet
from pose_machine_ros.keypoints2d.bfloat16 import round_filters, with_bfloat16_filters
from pose_machine_ros.weights import load_weights


def test_rounded_filters_are_bfloat16_near_the_old_ones_and_keep_their_sums():
    filters = torch.randn(500, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    rounded = round_filters(filters)
    assert rounded.shape == filters.shape
    torch.testing.assert_close(rounded.bfloat16().float(), rounded, rtol=0, atol=0)
    error = (rounded - filters).abs().amax((1, 2, 3))
    largest = filters.abs().amax((1, 2, 3))
    assert (error <= largest / 128).all()
    sums = (rounded - filters).sum((1, 2, 3)).abs()
    plain = (filters.bfloat16().float() - filters).sum((1, 2, 3)).abs()
    assert sums.mean() < plain.mean() / 5


def test_a_flat_image_gets_the_same_answer_from_the_first_filters():
    network = movenet.freeze(movenet.thunder(), load_weights('movenet_thunder'))
    before = network.blocks[0].depthwise.weight.clone()
    rounded = with_bfloat16_filters(network).blocks[0].depthwise.weight
    assert torch.equal(network.blocks[0].depthwise.weight, before)
    plain = before.bfloat16().float()
    worst, worst_plain = ((w - before).sum((1, 2, 3)).abs().max() for w in (rounded, plain))
    assert worst < worst_plain / 10


def test_filters_of_one_pixel_stay():
    network = movenet.freeze(movenet.thunder(), load_weights('movenet_thunder'))
    rounded = with_bfloat16_filters(network)
    assert torch.equal(rounded.deep.weight, network.deep.weight)
