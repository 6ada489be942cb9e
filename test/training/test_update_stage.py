# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine train --network update`: the learned correction of a trained lifter."""

import json

import pytest
from safetensors.torch import load_file, save_file
from support import captured
import torch

from pose_machine_ros import cli
from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.training import training


@pytest.fixture
def start(tmp_path):
    """Return a folder with the weights of a lifter."""
    folder = tmp_path / 'start'
    folder.mkdir()
    training.save_weights(
        RecurrentLifter(RecurrentLifterConfig(width=32)), folder / 'lifter.safetensors')
    return folder


@pytest.fixture
def command(tmp_path, start, monkeypatch):
    """Return the command, for a training on little data."""
    monkeypatch.setattr(training, '_LIFTED_BATCHES', 1)
    monkeypatch.setattr(training, '_VALIDATION_BATCHES', 1)
    monkeypatch.setattr(training, '_BATCH', 8)
    monkeypatch.setattr(training, '_FRAMES', 8)
    monkeypatch.setattr(training, '_UPDATE_BATCH', 4)
    return ['train', '--network', 'update', '--data', str(captured.write(tmp_path / 'motion.npz')),
            '--start', str(start), '--out', str(tmp_path / 'run'), '--minutes', '0.1', '--device',
            'cpu']


def test_training_writes_weights_that_lower_the_error_of_the_lifter(command, tmp_path, capsys):
    assert cli.main(command) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures['stage'] == 'update' and figures['steps'] > 10
    assert figures['corrected_mpjpe_mm'] < 0.95 * figures['lifter_mpjpe_mm']  # of random weights
    weights = load_file(tmp_path / 'run' / 'update.safetensors')
    LearnedCorrection().load_state_dict(weights)
    assert weights['out.weight'].abs().max() > 0

    assert cli.main(command) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again['steps'] == figures['steps']  # no time is left


def test_weights_of_another_network_are_refused(command, start, capsys):
    save_file({'adaptation.0.weight': torch.zeros(32, 2)}, start / 'lifter.safetensors')
    assert cli.main(command) == 2
    assert 'holds no fitting weights' in capsys.readouterr().err
    (start / 'lifter.safetensors').unlink()
    assert cli.main(command) == 2
    assert 'holds no weights' in capsys.readouterr().err
