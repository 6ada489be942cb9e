# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch

from pose_machine_ros.keypoints2d.feature_sampling import sample_features
from pose_machine_ros.skeleton import APPEARANCE_POINTS, COCO_17

NAMES = tuple(APPEARANCE_POINTS)
MAPS = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 5, 16, 16))).float()


def keypoints_at(u, v):
    """Return all keypoints (1, 17, 3) at one place, px."""
    return torch.tensor([[[u, v, 0.5]]]).float().expand(1, len(COCO_17), 3)


@pytest.mark.parametrize('row, column', [(0, 0), (3, 7), (15, 15)])
def test_the_middle_of_a_cell_has_its_value(row, column):
    """A cell covers 16 px, and the middle of the first is pixel 15: padding is at the end."""
    found = sample_features(MAPS[:1], keypoints_at(15 + 16 * column, 15 + 16 * row))
    expected = MAPS[0, :, row, column].expand(1, len(NAMES), -1)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_a_place_between_cells_has_the_bilinear_value():
    found = sample_features(MAPS[:1], keypoints_at(15 + 16 * 6 + 4, 15 + 16 * 9 + 12))
    cells = MAPS[0, :, 9:11, 6:8]  # a quarter to the right, three quarters down
    expected = (0.25 * (0.75 * cells[:, 0, 0] + 0.25 * cells[:, 0, 1])
                + 0.75 * (0.75 * cells[:, 1, 0] + 0.25 * cells[:, 1, 1]))
    torch.testing.assert_close(found[0, 0], expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize('u, v, row, column', [
    (-40, 79, 4, 0), (4, 79, 4, 0), (300, 79, 4, 15), (79, -9, 0, 4), (79, 255, 15, 4)])
def test_a_place_outside_of_the_cells_has_the_value_of_the_nearest(u, v, row, column):
    found = sample_features(MAPS[:1], keypoints_at(u, v))
    torch.testing.assert_close(found[0, 0], MAPS[0, :, row, column], atol=1e-5, rtol=0)


def test_the_points_are_the_keypoints_and_the_middles_of_segments_and_trunk():
    """Maps that rise by 1 in each cell tell where they were sampled."""
    down, across = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing='ij')
    maps = torch.stack((across, down))[None].repeat(2, 1, 1, 1)
    rng = np.random.default_rng(1)
    keypoints = torch.from_numpy(rng.uniform(20, 250, (2, 17, 3))).float()
    found = sample_features(maps, keypoints) * 16 + 15
    assert found.shape == (2, 26, 2)
    torch.testing.assert_close(found[:, :17], keypoints[..., :2], atol=1e-3, rtol=0)
    for name, ends in {
            'left_upper_arm': ('left_shoulder', 'left_elbow'),
            'left_forearm': ('left_elbow', 'left_wrist'),
            'right_upper_arm': ('right_shoulder', 'right_elbow'),
            'right_forearm': ('right_elbow', 'right_wrist'),
            'left_thigh': ('left_hip', 'left_knee'), 'left_shin': ('left_knee', 'left_ankle'),
            'right_thigh': ('right_hip', 'right_knee'), 'right_shin': ('right_knee', 'right_ankle'),
            'trunk': ('left_shoulder', 'right_shoulder', 'left_hip', 'right_hip')}.items():
        middle = keypoints[:, COCO_17.indices(ends), :2].mean(1)
        torch.testing.assert_close(found[:, NAMES.index(name)], middle, atol=1e-3, rtol=0)


def test_each_person_is_sampled_in_their_own_image():
    keypoints = torch.cat((keypoints_at(31, 47), keypoints_at(63, 79)))
    found = sample_features(MAPS, keypoints)
    torch.testing.assert_close(found[:, 3], torch.stack((MAPS[0, :, 2, 1], MAPS[1, :, 4, 3])),
                               atol=1e-5, rtol=0)


def test_scores_do_not_count():
    keypoints = keypoints_at(100, 90)
    assert torch.equal(sample_features(MAPS[:1], keypoints),
                       sample_features(MAPS[:1], keypoints * torch.tensor([1, 1, 0])))
