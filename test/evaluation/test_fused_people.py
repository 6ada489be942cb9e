# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros.evaluation import fused_people
from pose_machine_ros.evaluation.crossings import CAMERA, crossings, CrossingScenario
from pose_machine_ros.fusion.machine import FusedSkeleton
from pose_machine_ros.machine import MachineConfig
from pose_machine_ros.pose import Skeleton, Space, TrackingState

_SCENARIO = fused_people.RigScenario(2, 2)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')


@pytest.fixture(scope='module')
def crossing(data):
    result, = fused_people.rig_crossings(data, _SCENARIO, 1, MachineConfig(device='cpu'))
    return result


def test_the_first_camera_sees_the_crossing_of_one_camera(data, crossing):
    alone, = crossings(data, CrossingScenario(2), 1)
    np.testing.assert_array_equal(crossing.seen[0].keypoints, alone.keypoints)
    np.testing.assert_array_equal(crossing.seen[0].noisy_keypoints, alone.noisy_keypoints)


def test_every_camera_sees_the_same_people_from_its_pose(crossing):
    for camera, seen in enumerate(crossing.seen):
        pose = crossing.rounds[0][camera].pose
        pixels = CAMERA.project(torch.from_numpy(pose.inverse().apply(crossing.truth[40])))
        np.testing.assert_allclose(pixels[:, 12], seen.keypoints[40, :, 7], atol=0.1)  # left elbow
        assert (~seen.occluded).mean() > 0.5
    assert np.linalg.norm(crossing.rounds[0][0].pose.translation
                          - crossing.rounds[0][1].pose.translation) > 3


class Oracle:
    """Knows where everybody is; swaps the ids of the two people once, and misses one once."""

    def __init__(self, truth):
        self._truth, self._t = truth, -1

    def step(self, views):
        self._t += 1
        people = []
        for person, joints in enumerate(self._truth[self._t]):
            if self._t == 20 and person == 1:
                continue
            name = f'p{(person + (self._t >= 60)) % 2}'
            nothing = np.zeros((17, 3), np.float32)
            people.append(FusedSkeleton(Skeleton(
                name, TrackingState.TRACKED, Space.WORLD_METRIC, joints + (0.1, 0, 0),
                np.tile(np.eye(3), (17, 1, 1)), nothing, np.ones(17), 1.0, nothing, np.zeros(4),
                0.0, 0.0), ('camera0',)))
        return people


def test_the_figures_are_those_of_a_known_result(crossing):
    figures = fused_people.evaluate_fused(crossing, lambda: Oracle(crossing.truth))
    assert figures['switches'] == 2 and figures['ids'] == 2
    assert figures['false_negatives'] == 1 and figures['false_positives'] == 0
    assert figures['absolute_mm'] / figures['matched'] == pytest.approx(100, abs=0.1)
    assert figures['rounds'] == len(crossing.rounds) == 150


def test_people_who_are_not_where_they_should_be_are_missed(crossing):
    figures = fused_people.evaluate_fused(crossing, lambda: Oracle(crossing.truth + 2.0))
    assert figures['false_negatives'] == figures['ground_truth'] > 200
