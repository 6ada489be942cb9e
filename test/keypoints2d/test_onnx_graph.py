# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from pose_machine_ros.keypoints2d import movenet
from pose_machine_ros.keypoints2d.onnx_graph import onnx_model
from pose_machine_ros.weights import load_weights

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
NETWORKS = {
    'movenet_thunder': movenet.thunder, 'movenet_lightning': movenet.lightning,
    'movenet_multipose': movenet.multipose,
    'movenet_thunder with features': partial(movenet.thunder, features=True)}


@pytest.fixture(scope='module', params=NETWORKS)
def network(request):
    weights = load_weights(request.param.split()[0])
    return movenet.freeze(NETWORKS[request.param](), weights)


@pytest.fixture(scope='module')
def model(network):
    return onnx_model(network)


@pytest.fixture(scope='module')
def session(model):
    return onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])


def views(count, height, width):
    rows = np.arange(height) % IMAGE.shape[0]
    columns = np.arange(width) % IMAGE.shape[1]
    image = IMAGE[rows][:, columns]
    return np.stack([np.roll(image, 40 * i, 1) for i in range(count)])


def test_it_is_valid(model):
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)


def test_its_outputs_are_called_as_the_maps(network, session):
    outputs = {output.name: output.shape[1] for output in session.get_outputs()}
    assert list(outputs.items()) == list(network.outputs.items())
    assert [name for name in outputs if name != 'features'] == list(network.heads)


@pytest.mark.parametrize('shape', [(1, 256, 256), (3, 256, 256), (1, 288, 512), (2, 32, 96)])
def test_its_maps_are_those_of_torch(network, session, shape):
    images = views(*shape)
    expected = network(torch.from_numpy(images))
    found = session.run(None, {'images': images})
    for name, there, here in zip(network.outputs, found, expected, strict=True):
        # Both sum thousands of float32 products, in other orders.
        precision = 2e-5 * float(here.abs().max())
        np.testing.assert_allclose(there, here, rtol=0, atol=precision, err_msg=name)


def test_folding_the_normalisation_into_the_stem_changes_nothing():
    weights = load_weights('movenet_thunder')
    released = movenet.thunder()
    released.load_state_dict(weights)
    images = torch.from_numpy(views(1, 64, 96))
    rgb = images.flip(-1).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        expected = released.stem(movenet.pad_same(rgb))
        raw = images.permute(0, 3, 1, 2).float()
        ours = movenet.freeze(movenet.thunder(), weights).stem(movenet.pad_same(raw, 127.5))
    assert expected.abs().max() > 1
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-4)


def test_an_operation_that_is_not_known_is_an_error():
    class Unknown(movenet.MoveNet):

        def forward(self, images):
            return tuple(x.tanh() for x in super().forward(images))

    network = Unknown(movenet.THUNDER_CHANNELS, movenet.HEADS_SINGLE).eval()
    with pytest.raises(KeyError, match='tanh'):
        onnx_model(network)
