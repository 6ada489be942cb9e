# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest
import torch

from pose_machine_ros.keypoints2d import movenet
from pose_machine_ros.keypoints2d.fused_movenet import FusedMoveNet
from pose_machine_ros.weights import load_weights


@pytest.mark.parametrize('name, options', [
    ('thunder', {}), ('thunder', {'features': True}), ('lightning', {}), ('multipose', {})])
def test_the_maps_are_those_of_the_network(name, options):
    network = movenet.freeze(getattr(movenet, name)(**options), load_weights(f'movenet_{name}'))
    noise = np.random.default_rng(0).integers(0, 255, (8, 12, 3), np.uint8)
    image = torch.from_numpy(cv2.resize(noise, (96, 64), interpolation=cv2.INTER_CUBIC))[None]
    with torch.no_grad():
        half = FusedMoveNet(network, torch.float16)(image)
        ours, theirs = FusedMoveNet(network)(image), network(image)
    assert len(ours) == len(theirs) == len(half) == len(network.outputs)
    for one, other, rough in zip(ours, theirs, half):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)
        assert rough.dtype == torch.float32
        assert (rough - other).abs().max() < 0.05 * other.abs().max()
