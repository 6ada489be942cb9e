# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Training on rendered people whose left wrist is somewhere along the ray, as a feature says."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from safetensors.torch import load_file
from support.observations import standing_pose
import torch

from pose_machine_ros import cli
from pose_machine_ros.lifting.appearance_network import AppearanceNetwork
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17
from pose_machine_ros.training import appearance_stage
from pose_machine_ros.training.appearance_data import (
    load_samples, principal_components, sample_files)

SEQUENCES, FRAMES, CHANNELS, WRIST = 150, 2, 6, HUMAN36M_17.index('left_wrist')


def write_samples(path, seed):
    rng = np.random.default_rng(seed)
    shape = (SEQUENCES, FRAMES)
    depth = rng.normal(0, 0.15, shape)
    joints = np.tile(standing_pose().numpy() + (0, 0, 4.0), (*shape, 1, 1)).astype(np.float32)
    ray = joints[..., WRIST, :] / joints[..., WRIST, 2:]
    joints[..., WRIST, :] += depth[..., None] * ray  # does not show in the keypoints
    plane = np.concatenate((joints[..., :2] / joints[..., 2:], np.ones((*shape, 17, 1))), -1)
    points = np.nan_to_num(convert_keypoints(plane, HUMAN36M_17, COCO_17))
    features = rng.normal(0, 0.5, (*shape, 26, CHANNELS)) + depth[..., None, None] / 0.15
    np.savez(
        path, rays=np.concatenate((points[..., :2], np.ones((*shape, 17, 1)), points[..., 2:]),
                                  -1).astype(np.float32),
        features=features.astype(np.float16), turn=np.zeros(shape), joints=joints,
        keypoints3d=np.zeros((*shape, 17, 3), np.float32), stature=np.full(SEQUENCES, 1.7),
        step=np.tile([0, 0.1], (SEQUENCES, 1)), up=np.zeros((SEQUENCES, 3)),
        inside=np.ones((*shape, 17), bool))


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('samples')
    for seed in range(3):
        write_samples(folder / f'people_{seed:04d}.npz', seed)
    return folder


def test_components_are_centred_and_of_variance_one(folder):
    paths = sample_files(folder)
    reduce = principal_components(paths, 4)
    points = torch.cat([torch.from_numpy(np.load(p)['features']).float().flatten(0, 2)
                        for p in paths])
    reduced = reduce(points)
    torch.testing.assert_close(reduced.mean(0), torch.zeros(4), atol=1e-3, rtol=0)
    torch.testing.assert_close(reduced.T.cov(), torch.eye(4), atol=1e-2, rtol=0)


def test_the_network_learns_what_only_the_features_tell(folder):
    torch.manual_seed(0)
    paths = sample_files(folder)
    reduce = principal_components(paths[1:], CHANNELS)
    lifter = RecurrentLifter(RecurrentLifterConfig(width=16)).eval()
    tests, data = (load_samples(p, lifter, reduce) for p in (paths[:1], paths[1:]))
    mean = data.target.mean(0)  # what a trained lifter would say
    tests, data = (replace(x, joints=mean.expand_as(x.target).clone()) for x in (tests, data))
    network = AppearanceNetwork(CHANNELS, CHANNELS, 64, dropout=0.0, feature_dropout=0.0)
    network.reduce.load_state_dict(reduce.state_dict())
    loss = appearance_stage.AppearanceLoss(network, 0)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    for batch in islice(appearance_stage.random_batches(data, 0), 200):
        optimizer.zero_grad()
        sum(loss(batch).values()).backward()
        optimizer.step()
    figures = appearance_stage.validator(tests)(network.eval())
    assert figures['present_mpjpe_mm'] < figures['absent_mpjpe_mm'] - 2
    assert abs(figures['absent_mpjpe_mm'] - figures['lifter_mpjpe_mm']) < 2


def test_the_command_writes_weights_that_can_be_loaded_and_resumes(folder, tmp_path, capsys):
    command = ['train-appearance', '--samples', str(folder), '--out', str(tmp_path),
               '--minutes', '0.02']
    assert cli.main(command) == 0
    network = AppearanceNetwork.of(
        {k: v.float() for k, v in load_file(tmp_path / 'appearance.safetensors').items()})
    assert network.channels == CHANNELS
    first = capsys.readouterr().out
    assert cli.main(command) == 0  # no time is left
    assert capsys.readouterr().out == first


def test_too_few_samples_are_named(tmp_path, capsys):
    assert cli.main(['train-appearance', '--samples', str(tmp_path)]) == 2
    assert 'pose-machine sample-people' in capsys.readouterr().err
    write_samples(tmp_path / 'people_0000.npz', 0)
    assert cli.main(['train-appearance', '--samples', str(tmp_path)]) == 2
    assert 'at least two' in capsys.readouterr().err
