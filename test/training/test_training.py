# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys

import pytest
from safetensors.torch import load_file
from support import captured
from support.keypoint_files import write_keypoints
import torch

from pose_machine_ros import cli
from pose_machine_ros.correction.paper import PaperCorrection
from pose_machine_ros.errors import WeightsError
from pose_machine_ros.evaluation.methods import load_baseline
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.training.training import save_weights, STAGES


def arguments(path, out, minutes, *more):
    return ['train', '--data', str(path), '--out', str(out), '--minutes', str(minutes),
            '--width', '32', '--device', 'cpu', *more]


def stages(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{')]


def test_training_writes_loadable_weights_and_curves_and_resumes(tmp_path, capsys):
    path = captured.write(tmp_path / 'motion.npz')
    write_keypoints(tmp_path / 'video')
    command = arguments(path, tmp_path / 'run', 0.1, '--unlabelled', str(tmp_path / 'video'))
    assert cli.main(command) == 0
    first = stages(capsys.readouterr().out)
    assert [s['stage'] for s in first] == ['lifter', 'correction', 'finetune']
    assert all(abs(first[2][name]) < 0.5 for name in ('hip_bias', 'shoulder_bias'))
    weights = load_file(tmp_path / 'run' / 'lifter.safetensors')
    network = RecurrentLifter(RecurrentLifterConfig.of(weights))
    network.load_state_dict(weights)
    assert network.config.width == 32
    assert (tmp_path / 'run' / 'correction.safetensors').exists()

    assert cli.main(command) == 0
    again = stages(capsys.readouterr().out)
    assert [s['steps'] for s in again] == [s['steps'] for s in first]  # no time is left


def test_training_starts_from_given_weights(tmp_path, capsys):
    path = captured.write(tmp_path / 'motion.npz')
    assert cli.main(arguments(path, tmp_path / 'first', 0.02)) == 0
    start = ('--start', str(tmp_path / 'first'))
    assert cli.main(arguments(path, tmp_path / 'second', 1e-5, *start)) == 0
    before, after = (
        load_file(tmp_path / run / 'lifter.safetensors') for run in ('first', 'second'))
    for name, value in before.items():
        torch.testing.assert_close(after[name], value, atol=0.01, rtol=0)
    capsys.readouterr()
    assert cli.main(arguments(path, tmp_path / 'third', 1e-5, '--width', '16', *start)) == 2
    assert 'the width of its networks' in capsys.readouterr().err


def test_kept_initial_weights_are_part_of_the_mean(tmp_path, monkeypatch):
    monkeypatch.setitem(STAGES, 'finetune', 1e-9)  # it continues from the mean
    start, out = tmp_path / 'start', tmp_path / 'run'
    start.mkdir()
    save_weights(RecurrentLifter(RecurrentLifterConfig(width=32)), start / 'lifter.safetensors')
    save_weights(PaperCorrection(), start / 'correction.safetensors')
    command = arguments(captured.write(tmp_path / 'motion.npz'), out, 0.1)
    assert cli.main([*command, '--start', str(start), '--keep', '0.75']) == 0
    before, after = (load_file(folder / 'lifter.safetensors') for folder in (start, out))
    saved = torch.load(out / 'lifter.pt', weights_only=True)['mean']
    trained = {n: saved[f'module.{n}'] for n in before}

    def distance(this, that):
        return sum(float((this[n].float() - that[n].float()).abs().sum()) for n in before)

    mean = {n: 0.75 * before[n].float() + 0.25 * trained[n] for n in before}
    assert distance(after, mean) < 0.2 * distance(after, trained)


@pytest.mark.parametrize('options, complaint', [
    (('--keep', '0.5'), 'needs initial weights'), (('--keep', '1'), 'keep = 1.0')])
def test_an_unusable_share_to_keep_is_refused(tmp_path, capsys, options, complaint):
    path = captured.write(tmp_path / 'motion.npz')
    assert cli.main(arguments(path, tmp_path / 'run', 0.02, *options)) == 2
    assert complaint in capsys.readouterr().err


def test_training_lowers_the_error(tmp_path, capsys):
    path = captured.write(tmp_path / 'motion.npz')
    figures = []
    for name, minutes in (('short', 0.002), ('longer', 0.3)):
        assert cli.main(arguments(path, tmp_path / name, minutes)) == 0
        figures.append(stages(capsys.readouterr().out)[0]['mpjpe_mm'])
    assert figures[1] < 0.95 * figures[0]
    assert (tmp_path / 'longer' / 'lifter.png').read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize('name', ('mlp', 'tcn'))
def test_baselines_train_and_load(tmp_path, capsys, name):
    path = captured.write(tmp_path / 'motion.npz')
    assert cli.main(arguments(path, tmp_path / 'run', 0.005, '--network', name)) == 0
    assert [s['stage'] for s in stages(capsys.readouterr().out)] == [name]
    load_baseline(tmp_path / 'run', name)
    with pytest.raises(WeightsError, match=f'--network {name}'):
        load_baseline(tmp_path, name)


def test_two_workers_train_one_network(tmp_path):
    path = captured.write(tmp_path / 'motion.npz')
    command = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node',
               '2', '-m', 'pose_machine_ros.cli', *arguments(path, tmp_path / 'run', 0.05)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180,
                          env={**os.environ, 'OMP_NUM_THREADS': '1'})
    assert done.returncode == 0, done.stderr[-2000:]
    assert [s['stage'] for s in stages(done.stdout)] == ['lifter', 'correction', 'finetune']
    assert (tmp_path / 'run' / 'lifter.safetensors').exists()
