# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import sys

import cv2
import numpy as np
import pytest
from support import movenet_reference
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.backends import make_runner
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
REGIONS = movenet_reference.REGION[None]
SIDE = movenet_reference.REGION[2]


def refined(network):
    return network.refine(network.crop(IMAGE, REGIONS), REGIONS)[0]


def with_backend(name):
    if name == 'openvino':
        pytest.importorskip('openvino', reason='OpenVINO is optional: pip install openvino')
    return PoseNetwork2D(Keypoints2DConfig(backend=name))


# OpenVINO computes in bfloat16 where the processor does, with a precision of 1 in 256.
@pytest.mark.parametrize('backend, px, score', [
    ('onnxruntime', 1e-3 * SIDE, 1e-3), ('openvino', 0.02 * SIDE, 0.2)])
def test_backends_agree(backend, px, score):
    expected, there = refined(with_backend('torch')), refined(with_backend(backend))
    sure = expected[:, 2] > 0.3
    assert sure.sum() >= 8
    np.testing.assert_allclose(there[sure, :2], expected[sure, :2], rtol=0, atol=px)
    np.testing.assert_allclose(there[:, 2], expected[:, 2], rtol=0, atol=score)


def test_openvino_finds_the_people_that_torch_finds():
    expected, there = (with_backend(b).detect(IMAGE) for b in ('torch', 'openvino'))
    assert len(there.scores) == len(expected.scores) > 0
    np.testing.assert_allclose(there.scores, expected.scores, atol=0.2)


def test_openvino_serves_several_threads():
    network = with_backend('openvino')
    expected = refined(network)
    with ThreadPoolExecutor(4) as pool:
        for there in pool.map(lambda _: refined(network), range(8)):
            np.testing.assert_array_equal(there, expected)


def test_openvino_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'openvino', None)
    with pytest.raises(InputError, match='pip install openvino'):
        PoseNetwork2D(Keypoints2DConfig(backend='openvino'))


@pytest.mark.parametrize('backend', ['onnxruntime', 'openvino'])
def test_backends_of_the_cpu_refuse_another_device(backend):
    with pytest.raises(InputError, match=f"'{backend}' runs on the CPU only.*use auto"):
        make_runner(None, backend, torch.device('cuda', 0), 2)
