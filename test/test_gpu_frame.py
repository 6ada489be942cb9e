# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How many kernels a GPU would run for a frame: crops, keypoints, lifting and correction."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.graph_captures import Captures
from support.walkers import CAMERA, seen, STEP
import torch

from pose_machine_ros.correction import positive_definite
from pose_machine_ros.cuda_graphs import CudaGraphs
from pose_machine_ros.keypoints2d import crops, movenet
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.device_functions import keypoints_of_crops
from pose_machine_ros.keypoints2d.fused_movenet import FusedMoveNet
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.lifting import streaming_lifter
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.torch_calls import TorchCallCounter
from pose_machine_ros.tracking.tracker import PeopleTracker
from pose_machine_ros.weights import load_weights

IMAGE = cv2.imread(str(Path(__file__).parent / 'data' / 'balancing.jpg'))


def kernels(function):
    """Return the kernels of the second run; constants are made in the first."""
    with torch.no_grad():
        function()
    with torch.no_grad(), TorchCallCounter() as counter:
        function()
    return counter.kernels


@pytest.mark.parametrize('people', [1, 8])
def test_the_kernels_of_a_frame(people, monkeypatch):
    monkeypatch.setattr(positive_definite, '_is_inverse_better', lambda device: True)
    monkeypatch.setattr(streaming_lifter, 'weight_dtype', lambda device: torch.float32)
    regions = np.tile([199.5, 289.5, 320, 0], (people, 1))
    matrices = torch.from_numpy(crops.to_image_matrices(regions, 256)).flatten(1)
    networks = [FusedMoveNet(movenet.freeze(
        movenet.thunder(features), load_weights('movenet_thunder'))) for features in (False, True)]
    in_2d, with_features = (kernels(lambda: keypoints_of_crops(
        matrices, torch.from_numpy(IMAGE), network, 256)) for network in networks)

    lifter, rows = PoseLifter(LiftingConfig(), 'cpu'), []
    run = PoseLifter._run
    monkeypatch.setattr(PoseLifter, '_run', lambda self, x: rows.append(x) or run(self, x))
    for index in range(2):
        crowd = [replace(seen(index), id=f'p{i}') for i in range(people)]
        lifter.step(crowd, index * STEP, CAMERA)
    in_3d = kernels(lambda: lifter._compute(rows[-1], lifter.config))
    lifter.expect_depth()
    lifter.step(crowd, 2 * STEP, CAMERA)
    with_depth = kernels(lambda: lifter._compute(rows[-1], lifter.config, with_depth=True))
    assert in_2d <= 158
    assert in_2d < with_features <= in_2d + 8
    assert in_3d <= 240
    assert in_3d < with_depth <= in_3d + 100


def test_a_tracker_on_tensors_finds_the_people_of_the_cpu():
    """The whole 2D path of a GPU, with graphs that are stand-ins."""
    config, captures = Keypoints2DConfig(backend='torch', detector_size=256), Captures()
    on_tensors = PoseNetwork2D(config, on_tensors=True)
    for name in ('_refining', '_detecting'):
        graphs = getattr(on_tensors, name)
        setattr(on_tensors, name, CudaGraphs(graphs._function, graphs._device, captures))
    found = []
    for network in (on_tensors, PoseNetwork2D(config)):
        tracker = PeopleTracker(network)
        for index in range(3):
            people = tracker.update(np.roll(IMAGE, 2 * index, axis=1), index * STEP)
        found.append(people)
    assert len(found[0]) == len(found[1]) > 0
    for ours, theirs in zip(*found):
        sure = theirs.keypoints[:, 2] > 0.3
        away = np.linalg.norm((ours.keypoints - theirs.keypoints)[sure, :2], axis=-1)
        assert np.median(away) < 2
    assert captures.replayed > captures.captured >= 2
    on_tensors.close()
