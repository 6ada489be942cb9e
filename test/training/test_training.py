# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import itertools
import json
import os
import subprocess
import sys

import pytest
from safetensors.torch import load_file
from support import captured
import torch
from training.test_unlabelled import write as write_keypoints

from pose_machine_ros import cli
from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.errors import WeightsError
from pose_machine_ros.evaluation.methods import load_baseline
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.training.run import TrainingRun
from pose_machine_ros.training.training import save_weights, STAGES
from pose_machine_ros.training.workers import Workers


def arguments(path, out, minutes, *more):
    return ['train', '--data', str(path), '--out', str(out), '--minutes', str(minutes),
            '--width', '32', '--device', 'cpu', *more]


def stages(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{')]


def test_training_makes_loadable_weights_and_curves_and_resumes(tmp_path, capsys):
    path = captured.write(tmp_path / 'motion.npz')
    write_keypoints(tmp_path / 'video')
    command = arguments(path, tmp_path / 'run', 0.1, '--unlabelled', str(tmp_path / 'video'))
    assert cli.main(command) == 0
    first = stages(capsys.readouterr().out)
    assert [s['stage'] for s in first] == ['lifter', 'correction', 'finetune']
    weights = load_file(tmp_path / 'run' / 'lifter.safetensors')
    network = RecurrentLifter(RecurrentLifterConfig.of(weights))
    network.load_state_dict(weights)
    assert network.config.width == 32
    assert (tmp_path / 'run' / 'correction.safetensors').exists()

    assert cli.main(command) == 0
    again = stages(capsys.readouterr().out)
    assert [s['steps'] for s in again] == [s['steps'] for s in first]  # nothing left to do


def test_a_run_that_was_broken_off_goes_on_with_all_it_had(tmp_path):
    """Weights, their mean, the optimiser and the log; not every batch has every term."""
    torch.manual_seed(0)
    terms = [{'a': 1.0}] + [{'a': 1.0, 'b': 1.0}] * 60

    def begin(minutes):
        network = torch.nn.Linear(3, 1)
        return network, TrainingRun('toy', network, tmp_path, minutes, 0.1, Workers(
            torch.device('cpu')))

    def train(network, run):
        return run.train(itertools.cycle(terms), lambda batch: {
            name: network(torch.ones(1, 3)).square().sum() for name in batch}, lambda _: {})

    network, run = begin(0.01)
    train(network, run)
    saved = torch.load(tmp_path / 'toy.pt', weights_only=True)
    again, run_again = begin(0.02)
    assert run_again.resume() and run_again.step == run.step > 50
    for name, value in again.state_dict().items():
        torch.testing.assert_close(value, saved['network'][name])
        torch.testing.assert_close(run_again._mean[name], saved['mean'][name])
    moments = run_again._optimizer.state_dict()['state'][0]
    torch.testing.assert_close(moments['exp_avg'], saved['optimizer']['state'][0]['exp_avg'])
    train(again, run_again)
    assert run_again.step > run.step and run_again.elapsed >= 1.2
    rows = (tmp_path / 'toy.csv').read_text().splitlines()
    assert len(rows) == 1 + run_again.step // 50 and rows[0] == 'step,seconds,a,b'


def test_training_begins_with_given_weights(tmp_path, capsys):
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
    assert 'the width it was given' in capsys.readouterr().err


def test_weights_that_are_kept_are_part_of_the_mean(tmp_path, monkeypatch):
    monkeypatch.setitem(STAGES, 'finetune', 1e-9)  # which goes on from the mean
    start, out = tmp_path / 'start', tmp_path / 'run'
    start.mkdir()
    save_weights(RecurrentLifter(RecurrentLifterConfig(width=32)), start / 'lifter.safetensors')
    save_weights(LearnedCorrection(), start / 'correction.safetensors')
    command = arguments(captured.write(tmp_path / 'motion.npz'), out, 0.1)
    assert cli.main([*command, '--start', str(start), '--keep', '0.75']) == 0
    before, after = (load_file(folder / 'lifter.safetensors') for folder in (start, out))
    became = torch.load(out / 'lifter.pt', weights_only=True)['mean']

    def way(this, that):
        return sum(float((this[n].float() - that[n].float()).abs().sum()) for n in before)

    mean = {n: 0.75 * before[n].float() + 0.25 * became[n] for n in before}
    assert way(after, mean) < 0.2 * way(after, became)


@pytest.mark.parametrize('options, complaint', [
    (('--keep', '0.5'), 'needs the weights to begin with'), (('--keep', '1'), 'keep = 1.0')])
def test_a_share_that_can_not_be_kept_is_refused(tmp_path, capsys, options, complaint):
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
