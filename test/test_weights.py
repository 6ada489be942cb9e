# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import shutil

import pytest
import torch

from pose_machine_ros.errors import WeightsError
from pose_machine_ros.weights import load_weights, weights_folder

NAMES = ('lifter', 'correction', 'movenet_thunder', 'movenet_lightning', 'movenet_multipose')


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Return a folder of its own with the lifter's weights."""
    source = weights_folder()
    for name in ('SHA256SUMS', 'lifter.safetensors'):
        shutil.copy(source / name, tmp_path)
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(tmp_path))
    return tmp_path


@pytest.mark.parametrize('name', NAMES)
def test_shipped_weights_load_as_finite_float32(name):
    weights = load_weights(name)
    assert weights
    for value in weights.values():
        assert value.dtype == torch.float32 and value.isfinite().all()


def test_missing_weights_name_the_repair(copied):
    with pytest.raises(WeightsError, match='git checkout resource/weights'):
        load_weights('movenet_thunder')


def test_one_changed_byte_is_noticed(copied):
    path = copied / 'lifter.safetensors'
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match='damaged'):
        load_weights('lifter')


def test_an_empty_folder_is_no_weights_folder(tmp_path, monkeypatch):
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(tmp_path))
    with pytest.raises(WeightsError, match='missing'):
        load_weights('lifter')
