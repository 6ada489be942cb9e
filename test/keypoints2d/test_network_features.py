# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Features of the picture that the network for crops gives besides the keypoints."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from support import movenet_reference
from support.graph_captures import Captures
import torch

from pose_machine_ros.cuda_graphs import CudaGraphs
from pose_machine_ros.keypoints2d import backends
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.feature_sampling import sample_features
from pose_machine_ros.keypoints2d.network import load_runners, PoseNetwork2D
from pose_machine_ros.skeleton import APPEARANCE_POINTS

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
U, V, SIDE, _ = movenet_reference.REGION
REGIONS = np.array([(U, V, SIDE, 0), (U + 9, V - 14, 1.2 * SIDE, 0.2), (320, 250, 180, -0.2)])
CPU = torch.device('cpu')
CHANNELS = 112 + 168  # of Thunder's blocks 9 and 12


def network_on(backend, features=True, **options):
    config = Keypoints2DConfig(backend=backend, threads=1)
    return PoseNetwork2D(config, runners=load_runners(config, CPU, features), **options)


def refine(network, image=IMAGE, regions=REGIONS):
    return network.refine(network.crop(network.upload(image), regions), regions)


def cosine(ours, theirs):
    return (ours * theirs).sum(-1) / np.linalg.norm(ours, axis=-1) / np.linalg.norm(theirs, axis=-1)


@pytest.fixture(scope='module')
def network():
    return network_on('torch')


@pytest.fixture(scope='module')
def expected(network):
    return refine(network)


def test_features_are_at_the_keypoints_of_the_same_crop(network, expected):
    """The features of a crop are those of its blocks, at its keypoints."""
    assert expected.features.shape == (len(REGIONS), len(APPEARANCE_POINTS), CHANNELS)
    assert expected.features.dtype == expected.keypoints.dtype == np.float32
    region = REGIONS[:1]  # not rotated
    outputs = []
    thunder = network._runners.singlepose
    hooks = [thunder.blocks[b].register_forward_hook(lambda *seen: outputs.append(seen[-1]))
             for b in (9, 12)]
    thunder(network.crop(IMAGE, region))
    for hook in hooks:
        hook.remove()
    in_crop = expected.keypoints[:1].copy()
    in_crop[..., :2] = (in_crop[..., :2] - region[0, :2]) * 256 / SIDE + 127.5
    sampled = sample_features(torch.cat(outputs, 1), torch.from_numpy(in_crop))
    np.testing.assert_allclose(expected.features[:1], sampled, atol=0.02)
    assert np.abs(expected.features).mean() > 1


@pytest.mark.parametrize('backend, precision, least', [
    ('onnxruntime', 'float32', 0.9999), ('openvino', 'float32', 0.9999),
    ('openvino', 'bfloat16', 0.99)])
def test_all_runtimes_give_the_same_features(backend, precision, least, expected, monkeypatch):
    if backend == 'openvino':
        openvino = pytest.importorskip('openvino', reason='optional: pip install openvino')
        if precision == 'bfloat16' and 'BF16' not in openvino.Core().get_property(
                'CPU', 'OPTIMIZATION_CAPABILITIES'):
            pytest.skip('this processor does not compute in bfloat16')
        monkeypatch.setattr(backends, '_openvino_precision', lambda: precision)
    network = network_on(backend)
    assert network._runners.backend == f'{backend} {precision}'
    found = refine(network)
    assert cosine(found.features, expected.features).min() > least
    ratio = np.linalg.norm(found.features, axis=-1) / np.linalg.norm(expected.features, axis=-1)
    assert np.abs(ratio - 1).max() < 0.1


def test_features_of_different_people_and_points_differ(expected):
    """The agreement of two runtimes means something."""
    assert cosine(expected.features[0], expected.features[2]).mean() < 0.8
    assert np.median(cosine(expected.features[0, 5:], expected.features[0, :-5])) < 0.8


@pytest.mark.parametrize('backend', ['torch', 'onnxruntime'])
def test_the_keypoints_do_not_change_with_features(backend):
    keypoints = [refine(network_on(backend, features)).keypoints for features in (True, False)]
    np.testing.assert_allclose(*keypoints, atol=1e-3)


@pytest.mark.parametrize('backend', ['torch', 'onnxruntime', 'auto'])
def test_without_features_the_network_has_no_further_output(backend):
    network = network_on(backend, features=False)
    assert not network._runners.have_features
    assert len(network._runners.singlepose(network.crop(IMAGE, REGIONS[:1]))) == 4
    assert refine(network).features is None


def test_features_are_one_more_output_of_the_same_run(network):
    runs = []
    runners = network._runners
    counted = PoseNetwork2D(network.config, runners=runners._replace(
        singlepose=lambda images: runs.append(runners.singlepose(images)) or runs[-1]))
    assert refine(counted).features is not None
    assert [[m.shape[1] for m in maps] for maps in runs] == [[1, 17, 34, 34, CHANNELS]]


def test_lightning_and_the_detector_have_none():
    config = Keypoints2DConfig(backend='torch', model='lightning')
    runners = load_runners(config, CPU, features=True)
    assert not runners.have_features
    assert refine(PoseNetwork2D(config, runners=runners)).features is None
    assert len(load_runners(Keypoints2DConfig(backend='torch'), CPU, True).multipose(
        torch.zeros(1, 64, 64, 3, dtype=torch.uint8))) == 6


def test_features_move_with_the_image(network, expected):
    shifted = refine(network, np.roll(IMAGE, (8, 24), axis=(0, 1)), REGIONS[:1] + [24, 8, 0, 0])
    np.testing.assert_allclose(shifted.features, expected.features[:1], atol=0.02)


def test_several_people_together_are_as_one_by_one(network, expected):
    for i in range(len(REGIONS)):
        alone = refine(network, regions=REGIONS[i:i + 1])
        np.testing.assert_allclose(alone.features[0], expected.features[i], atol=0.05)


def test_on_tensors_they_are_downloaded_with_the_keypoints(expected):
    """The path of a GPU: one graph, one result."""
    network, captures = network_on('torch', on_tensors=True), Captures()
    network._refining = CudaGraphs(network._refining._function, CPU, captures)
    found = refine(network)
    assert (captures.captured, captures.replayed) == (1, 1)
    assert found.keypoints.shape == (len(REGIONS), 17, 3)
    # Crops of torch differ from those of OpenCV: see test_crops.py.
    assert np.median(cosine(found.features, expected.features)) > 0.99
    without = refine(network_on('torch', features=False, on_tensors=True))
    assert without.features is None
    np.testing.assert_allclose(without.keypoints, found.keypoints, atol=1e-3)


def test_the_next_call_does_not_change_features(network, expected):
    found = refine(network)
    refine(network, np.ascontiguousarray(IMAGE[::-1]))
    np.testing.assert_array_equal(found.features, expected.features)
