# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

from safetensors.torch import load_file

from pose_machine_ros import cli
from pose_machine_ros.lifting.transformer import LifterConfig, PoseTransformer
from training import captured


def train(path, out, minutes, capsys):
    cli.main(['train', '--data', str(path), '--out', str(out), '--minutes', str(minutes),
              '--width', '32', '--device', 'cpu'])
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if line.startswith('{')]


def test_training_makes_loadable_weights_and_resumes(tmp_path, capsys):
    path = captured.write(tmp_path / 'motion.npz')
    first = train(path, tmp_path / 'run', 0.05, capsys)
    assert [s['stage'] for s in first] == ['transformer', 'correction']
    weights = load_file(tmp_path / 'run' / 'lifter.safetensors')
    network = PoseTransformer(LifterConfig.of(weights))
    network.load_state_dict(weights)
    assert network.config.width == 32

    again = train(path, tmp_path / 'run', 0.05, capsys)
    assert [s['steps'] for s in again] == [s['steps'] for s in first]  # nothing left to do


def test_training_lowers_the_error(tmp_path, capsys):
    path = captured.write(tmp_path / 'motion.npz')
    short = train(path, tmp_path / 'short', 0.002, capsys)[0]
    longer = train(path, tmp_path / 'longer', 0.25, capsys)[0]
    assert longer['mpjpe_mm'] < 0.95 * short['mpjpe_mm']
