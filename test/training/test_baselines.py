# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.methods import load_baseline
from pose_machine_ros.lifting.features import FEATURES
from pose_machine_ros.training.baselines import BASELINES, CausalTcn, FrameMlp
from pose_machine_ros.training.config import NETWORKS


def test_the_networks_to_choose_from_are_the_machine_its_correction_and_the_baselines():
    assert NETWORKS == ('machine', 'update', *BASELINES)


@pytest.mark.parametrize('network', (FrameMlp, CausalTcn))
def test_outputs_have_the_shape_of_the_lifters_and_see_no_later_frames(network):
    torch.manual_seed(0)
    network = network(width=16).eval()
    features = torch.randn(2, 40, FEATURES)
    joints, log_sigma = network(features)
    assert joints.shape == log_sigma.shape == (2, 40, 17, 3)
    assert float(joints.detach()[..., 0, :].abs().max()) == 0
    torch.testing.assert_close(network(features, stride=4)[0], joints[:, ::4])
    changed = features.clone()
    changed[:, 30:] += 1
    torch.testing.assert_close(network(changed)[0][:, :30], joints[:, :30])
    with pytest.raises(InputError, match='lag = 3 '):
        network(features, lag=3)


def test_the_mlp_sees_one_frame_and_the_tcn_27():
    torch.manual_seed(0)
    features = torch.randn(1, 40, FEATURES)
    for network, seen in ((FrameMlp(width=16).eval(), 1), (CausalTcn(width=16).eval(), 27)):
        joints = network(features)[0][0, -1]
        changed = features.clone()
        changed[:, :40 - seen] += 1
        torch.testing.assert_close(network(changed)[0][0, -1], joints)
        changed[:, 40 - seen] += 1
        assert float((network(changed)[0][0, -1] - joints).detach().abs().max()) > 1e-6


@pytest.mark.parametrize('name', BASELINES)
def test_the_baselines_of_this_repository_load(name):
    load_baseline(Path(__file__).parents[2] / 'resource' / 'baselines', name)
