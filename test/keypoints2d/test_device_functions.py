# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a GPU would run in 2D, on the CPU."""

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.graph_captures import Captures, trace
import torch

from pose_machine_ros.cuda_graphs import CudaGraphs
from pose_machine_ros.keypoints2d import crops, movenet
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.decoding import decode_person
from pose_machine_ros.keypoints2d.device_functions import detect_people, keypoints_of_crops
from pose_machine_ros.keypoints2d.fused_movenet import FusedMoveNet
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.weights import load_weights

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
FRAME = torch.from_numpy(IMAGE)
REGIONS = np.array([[199.5, 289.5, 320, 0], [210, 290, 300, 0.3], [190, 300, 380, -0.2]])
MATRICES = torch.from_numpy(crops.to_image_matrices(REGIONS, 256)).flatten(1)
THUNDER, MULTIPOSE = (movenet.freeze(getattr(movenet, name)(), load_weights(f'movenet_{name}'))
                      for name in ('thunder', 'multipose'))
FUNCTION = torch.no_grad()(partial(keypoints_of_crops, runner=FusedMoveNet(THUNDER), size=256))
WITH_FEATURES = movenet.freeze(movenet.thunder(features=True), load_weights('movenet_thunder'))
FEATURE_FUNCTION = torch.no_grad()(partial(
    keypoints_of_crops, runner=FusedMoveNet(WITH_FEATURES), size=256))


def shift(ours, theirs):
    """Return the mean distance of keypoints (P, 17, 3) with a good score, in px of the crop."""
    away = np.linalg.norm((ours - theirs)[..., :2], axis=-1) * 256 / REGIONS[:, 2:3]
    return away[theirs[..., 2] > 0.3].mean()


@pytest.fixture(scope='module')
def expected():
    network = PoseNetwork2D(Keypoints2DConfig(backend='torch'))
    return network.refine(network.crop(IMAGE, REGIONS), REGIONS).keypoints


def test_keypoints_are_those_of_the_cpu(expected):
    ours = FUNCTION(MATRICES, FRAME).numpy().reshape(-1, 17, 3)
    assert shift(ours, expected) < 1.0  # other crops: see test_crops.py


def test_half_precision_holds_the_keypoints():
    exact = FUNCTION(MATRICES, FRAME).numpy().reshape(-1, 17, 3)
    half = torch.no_grad()(keypoints_of_crops)(
        MATRICES, FRAME, FusedMoveNet(THUNDER, torch.float16), 256).numpy().reshape(-1, 17, 3)
    assert 0 < shift(half, exact) < 0.1
    assert np.abs(half - exact)[..., 2].max() < 0.02


@pytest.mark.parametrize('people', [1, 3])
@pytest.mark.parametrize('function', [FUNCTION, FEATURE_FUNCTION])
def test_keypoints_of_crops_can_be_captured_as_a_graph(function, people):
    graph = trace(function, MATRICES[:people], FRAME)
    other = MATRICES[:people] + 0.5
    torch.testing.assert_close(graph(other, FRAME.flip(1)), function(other, FRAME.flip(1)))


def test_features_follow_the_keypoints():
    keypoints, rows = FUNCTION(MATRICES, FRAME), FEATURE_FUNCTION(MATRICES, FRAME)
    torch.testing.assert_close(rows[:, :51], keypoints, atol=1e-3, rtol=0)
    images = crops.sample(FRAME, MATRICES.view(-1, 2, 3), 256)
    with torch.no_grad():
        _, features = decode_person(*WITH_FEATURES(images))
    torch.testing.assert_close(rows[:, 51:].view(3, 26, 280), features, atol=1e-2, rtol=0)


def test_half_precision_holds_the_features():
    exact, half = (torch.no_grad()(keypoints_of_crops)(
        MATRICES, FRAME, FusedMoveNet(WITH_FEATURES, dtype), 256)[:, 51:].view(3, 26, 280)
        for dtype in (torch.float32, torch.float16))
    assert half.dtype == torch.float32
    assert torch.cosine_similarity(half, exact, -1).min() > 0.999


@pytest.mark.parametrize('rotation', [0, 90])
def test_a_detection_can_be_captured_as_a_graph(rotation):
    function = torch.no_grad()(partial(
        detect_people, runner=FusedMoveNet(MULTIPOSE), count=3, long_side=256, rotation=rotation))
    graph = trace(function, FRAME)
    torch.testing.assert_close(graph(FRAME.flip(1)), function(FRAME.flip(1)))


def test_padded_people_are_as_alone():
    captures = Captures()
    graphs = CudaGraphs(FUNCTION, torch.device('cpu'), captures)
    ours = graphs.of_rows(MATRICES, FRAME)
    torch.testing.assert_close(ours, FUNCTION(MATRICES, FRAME), atol=1e-3, rtol=0)
    one = graphs.of_rows(MATRICES[1:2], FRAME)
    torch.testing.assert_close(one, FUNCTION(MATRICES, FRAME)[1:2], atol=1e-3, rtol=0)
    assert captures.captured == 2


def test_detections_are_those_of_the_network():
    network = PoseNetwork2D(Keypoints2DConfig(backend='torch'))
    there = network.detect(IMAGE, 3)
    rows = torch.no_grad()(detect_people)(FRAME, MULTIPOSE, 3, 512, 0).numpy()
    found = rows[rows[:, -1] >= network.config.min_person_score]
    assert len(found) == len(there.scores) > 0
    away = np.abs(found[:, :-1].reshape(-1, 17, 3) - there.keypoints)
    assert np.median(away[..., :2]) < 3  # px; the frame is shrunk in another way


def test_graphs_for_all_numbers_of_people_are_captured_beforehand():
    captures = Captures()
    network = PoseNetwork2D(Keypoints2DConfig(backend='torch'), on_tensors=True)
    network._refining = CudaGraphs(FUNCTION, torch.device('cpu'), captures)
    network.prepare(IMAGE, 3)
    assert captures.captured == 3  # 1, 2, 4
    for count in (1, 2, 3):
        network.refine(network.upload(IMAGE), REGIONS[:count])
    assert captures.captured == 3
