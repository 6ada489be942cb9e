# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Everything that the tracker is used with has the interface that it asks for."""

import inspect

import pytest
from support.keypoint_networks import Mirrored, Scene, Shuffled

from pose_machine_ros.evaluation.simulated_network import SimulatedNetwork
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.tracking.keypoint_network import KeypointNetwork

METHODS = ('upload', 'detect', 'crop', 'refine')


@pytest.mark.parametrize('network', [PoseNetwork2D, SimulatedNetwork, Scene])
@pytest.mark.parametrize('method', METHODS)
def test_networks_take_the_arguments_of_the_interface_in_their_order(network, method):
    wanted = list(inspect.signature(getattr(KeypointNetwork, method)).parameters)
    assert list(inspect.signature(getattr(network, method)).parameters) == wanted


@pytest.mark.parametrize('wrapper', [Mirrored, Shuffled])
def test_wrapped_networks_have_all_methods(wrapper):
    assert all(callable(getattr(wrapper(Scene()), method)) for method in METHODS)
