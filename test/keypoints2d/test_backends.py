# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
import logging
from pathlib import Path
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from support import movenet_reference
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d import backends
from pose_machine_ros.keypoints2d.backends import choose_backend
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
CPU, GPU = torch.device('cpu'), torch.device('cuda', 0)
U, V, SIDE, _ = movenet_reference.REGION
REGIONS = np.array([(U + u, V + v, SIDE * scale, angle)
                    for u, v in ((0, 0), (9, -14), (-17, 6)) for scale in (1, 1.2)
                    for angle in (0, 0.2)])


def refined(network):
    return network.refine(network.crop(IMAGE, REGIONS), REGIONS).keypoints


def shift(keypoints, expected):
    """Return the mean distance in px of a 256 px crop, of keypoints that are seen."""
    away = np.linalg.norm(keypoints[..., :2] - expected[..., :2], axis=-1)
    away = away * 256 / REGIONS[:, 2:3]
    seen = expected[..., 2] > 0.3
    assert seen.mean() > 0.5
    return away[seen].mean()


@pytest.fixture(scope='module')
def expected():
    return refined(PoseNetwork2D(Keypoints2DConfig(backend='torch')))


@pytest.fixture(scope='module')
def in_openvino():
    pytest.importorskip('openvino', reason='OpenVINO is optional: pip install openvino')
    return PoseNetwork2D(Keypoints2DConfig(backend='openvino'))


def with_capabilities(monkeypatch, *capabilities):
    """Replace OpenVINO by one on a processor with these capabilities."""
    core = SimpleNamespace(get_property=lambda *_: list(capabilities))
    monkeypatch.setitem(sys.modules, 'openvino', SimpleNamespace(Core=lambda: core))


@pytest.mark.parametrize('capabilities, on_auto, on_openvino', [
    (('BF16', 'FP32', 'INT8'), 'openvino bfloat16', 'openvino bfloat16'),
    (('FP32', 'INT8'), 'onnxruntime float32', 'openvino float32')])
def test_the_processor_decides(monkeypatch, capabilities, on_auto, on_openvino):
    with_capabilities(monkeypatch, *capabilities)
    assert choose_backend('auto', CPU) == on_auto
    assert choose_backend('openvino', CPU) == on_openvino
    assert choose_backend('onnxruntime', CPU) == 'onnxruntime float32'
    assert choose_backend('torch', CPU) == choose_backend('torch', GPU) == 'torch float32'
    assert choose_backend('auto', GPU) == 'torch float16'


def test_auto_without_openvino_is_onnxruntime_and_says_so_once(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, 'openvino', None)
    with caplog.at_level(logging.WARNING):
        network = PoseNetwork2D(Keypoints2DConfig(backend='auto'))
    assert refined(network).shape == (len(REGIONS), 17, 3)
    assert [r.message for r in caplog.records if 'pip install openvino' in r.message] == [
        r.message for r in caplog.records]
    assert len(caplog.records) == 1


def test_an_openvino_that_does_not_start_is_not_chosen(monkeypatch):
    def fail():
        raise RuntimeError('no plugin')

    monkeypatch.setitem(sys.modules, 'openvino', SimpleNamespace(Core=fail))
    assert choose_backend('auto', CPU) == 'onnxruntime float32'
    with pytest.raises(InputError, match='pip install openvino.*no plugin'):
        choose_backend('openvino', CPU)


def test_onnxruntime_is_exact(expected):
    keypoints = refined(PoseNetwork2D(Keypoints2DConfig(backend='onnxruntime')))
    np.testing.assert_allclose(keypoints, expected, rtol=0, atol=2e-3)


def test_the_backend_of_this_processor_holds_the_keypoints(expected):
    keypoints = refined(PoseNetwork2D())
    assert shift(keypoints, expected) < 0.4
    assert np.abs(keypoints - expected)[..., 2].mean() < 0.04


def test_openvino_in_float32_is_exact(expected, in_openvino, monkeypatch):
    monkeypatch.setattr(backends, '_openvino_precision', lambda: 'float32')
    network = PoseNetwork2D(Keypoints2DConfig(backend='openvino'))
    np.testing.assert_allclose(refined(network), expected, rtol=0, atol=2e-3)


def test_openvino_finds_the_people_that_torch_finds(in_openvino):
    expected = PoseNetwork2D(Keypoints2DConfig(backend='torch')).detect(IMAGE)
    there = in_openvino.detect(IMAGE)
    assert len(there.scores) == len(expected.scores) > 0
    np.testing.assert_allclose(there.scores, expected.scores, atol=0.1)


def test_openvino_serves_several_threads(in_openvino):
    expected = refined(in_openvino)
    with ThreadPoolExecutor(4) as pool:
        for there in pool.map(lambda _: refined(in_openvino), range(8)):
            np.testing.assert_array_equal(there, expected)


def test_openvino_compiles_the_network_for_one_number_of_images(in_openvino, monkeypatch):
    runner = in_openvino._runners.singlepose
    shapes = []
    infer = runner._infer
    monkeypatch.setattr(
        runner, '_infer', lambda images: shapes.append(images.shape) or infer(images))
    together = runner(in_openvino.crop(IMAGE, REGIONS[:3]))
    assert shapes == 3 * [(1, 256, 256, 3)]
    for index in range(3):
        alone = runner(in_openvino.crop(IMAGE, REGIONS[index:index + 1]))
        assert all(torch.equal(a[index:index + 1], b) for a, b in zip(together, alone))


def test_results_do_not_change_with_the_next_call(in_openvino):
    runner = in_openvino._runners.singlepose
    images = in_openvino.crop(IMAGE, REGIONS[:1])
    maps = runner(images)
    before = [m.clone() for m in maps]
    runner(255 - images)
    assert all(torch.equal(a, b) for a, b in zip(before, maps))


@pytest.mark.parametrize('backend', ['onnxruntime', 'openvino'])
def test_backends_of_the_cpu_refuse_another_device(backend):
    with pytest.raises(InputError, match=f"'{backend}' runs on the CPU only.*use auto"):
        choose_backend(backend, GPU)


def test_an_unknown_backend_is_refused():
    with pytest.raises(InputError, match='abacus.*openvino'):
        choose_backend('abacus', CPU)


def test_openvino_sends_no_statistics(tmp_path):
    """Its telemetry would make files in the home folder and start a thread."""
    program = (
        'import os, sys, threading\n'
        'from pose_machine_ros.keypoints2d.config import Keypoints2DConfig\n'
        'from pose_machine_ros.keypoints2d.network import PoseNetwork2D\n'
        "PoseNetwork2D(Keypoints2DConfig(backend='openvino'))\n"
        "assert 'openvino' in sys.modules\n"
        "print(sorted(n for n in sys.modules if 'openvino_telemetry' in n),\n"
        '      threading.active_count(), os.listdir(os.environ["HOME"]))\n')
    found = subprocess.run(
        [sys.executable, '-c', program], env={'HOME': str(tmp_path), 'PATH': ''},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert found.stdout == '[] 1 []\n'


def test_an_interrupt_while_openvino_is_imported_stays_an_interrupt(tmp_path, monkeypatch):
    """Its C++ part turns a KeyboardInterrupt into an ImportError."""
    (tmp_path / 'openvino.py').write_text(
        'try:\n    raise KeyboardInterrupt\n'
        "except KeyboardInterrupt as error:\n    raise ImportError('failed') from error\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'openvino', raising=False)
    with pytest.raises(KeyboardInterrupt):
        choose_backend('auto', CPU)
