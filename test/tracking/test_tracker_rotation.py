# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera mounted sideways or upside down gives the same people at the same positions."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.people2d import leaning_person
import torch

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.tracking.bounding_box import crop_region, size
from pose_machine_ros.tracking.tracker import PeopleTracker

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
CLOSE = cv2.resize(IMAGE[140:300, 90:290], (900, 720), interpolation=cv2.INTER_CUBIC)
TURNS = (90, 180, 270)


class OnTensors(PoseNetwork2D):
    """Crops are made by torch, as on a GPU."""

    def upload(self, image):
        return torch.from_numpy(image)


@pytest.fixture(scope='module', params=(PoseNetwork2D, OnTensors), ids=('opencv', 'torch'))
def network(request):
    # In float32: rounding to bfloat16 moves keypoints further than what is tested here.
    return request.param(Keypoints2DConfig(backend='onnxruntime'))


def turned(image, rotation):
    """Return the image that has to be turned clockwise by `rotation` to be upright."""
    return np.ascontiguousarray(np.rot90(image, rotation // 90))


def turned_points(points, shape, rotation):
    """Return where points (..., 2) of an image of `shape` are in the turned image."""
    (height, width), points = shape[:2], points.astype(float)
    for _ in range(rotation // 90):
        points = np.stack((points[..., 1], width - 1 - points[..., 0]), -1)
        height, width = width, height
    return points


def track(network, image, rotation, frames=1):
    tracker = PeopleTracker(network)
    tracker.rotation = rotation
    for i in range(frames):
        people = tracker.update(image, i * 100_000_000)
    return people


@pytest.mark.parametrize('rotation', TURNS)
@pytest.mark.parametrize('image', (IMAGE, CLOSE), ids=('whole', 'close'))
def test_the_turned_image_has_the_same_keypoints(network, image, rotation):
    """To less than 1 px, unless the network is undecided between two positions."""
    upright = track(network, image, 0)
    people = track(network, turned(image, rotation), rotation)
    assert upright and len(people) == len(upright)
    for found, other in zip(people, upright):
        where = turned_points(other.keypoints[:, :2], image.shape, rotation)
        away = np.linalg.norm(found.keypoints[:, :2] - where, axis=1)
        away = away[other.keypoints[:, 2] > 0.3]
        assert np.median(away) < 0.5 and away.max() < 0.03 * size(other.keypoints)


@pytest.mark.parametrize('rotation', TURNS)
def test_people_are_tracked_in_the_turned_image(network, rotation):
    upright = track(network, IMAGE, 0, 8)
    people = track(network, turned(IMAGE, rotation), rotation, 8)
    assert [(p.id, p.state) for p in people] == [(p.id, p.state) for p in upright]
    for found, other in zip(people, upright):
        corners = turned_points(other.box.reshape(2, 2), IMAGE.shape, rotation)
        box = np.concatenate((corners.min(0), corners.max(0)))
        np.testing.assert_allclose(found.box, box, atol=0.05 * size(other.keypoints))


@pytest.mark.parametrize('rotation', TURNS)
def test_the_detector_finds_the_same_people_roughly(network, rotation):
    upright = network.detect(network.upload(IMAGE))
    there = network.detect(network.upload(turned(IMAGE, rotation)), rotation=rotation)
    np.testing.assert_allclose(there.scores, upright.scores, atol=0.01)
    np.testing.assert_allclose(
        there.keypoints[..., :2],
        turned_points(upright.keypoints[..., :2], IMAGE.shape, rotation), atol=1.5)


@pytest.mark.parametrize('rotation', (0, *TURNS))
@pytest.mark.parametrize('shape', ((200, 300), (301, 200)))
def test_points_of_the_turned_image_are_mapped_back(shape, rotation):
    points = np.array([[0, 0], [199, 0], [3.5, 150], [199, 199]])
    there = turned_points(points, shape, rotation)
    seen = turned(np.zeros(shape, np.uint8), rotation).shape
    np.testing.assert_allclose(crops.undo_rotation(points, seen, rotation), there, atol=1e-9)


@pytest.mark.parametrize('rotation', TURNS)
@pytest.mark.parametrize('make', (lambda x: x, torch.from_numpy), ids=('opencv', 'torch'))
def test_fitting_turns_the_frame_upright(rotation, make):
    upright, scale = crops.letterbox(make(IMAGE), 512, 32)
    there, same = crops.letterbox(make(turned(IMAGE, rotation)), 512, 32, rotation)
    assert scale == same and there.shape == upright.shape
    assert np.abs(there.numpy().astype(int) - upright.numpy()).max() <= 1


@pytest.mark.parametrize('rotation', TURNS)
@pytest.mark.parametrize('lean', (0.0, 0.7, -1.5))
@pytest.mark.parametrize('has_trunk', (True, False))
def test_the_crop_region_turns_with_the_image(rotation, lean, has_trunk):
    upright = leaning_person(lean)
    if not has_trunk:
        upright[5:7, 2] = 0
    there = upright.copy()
    there[:, :2] = turned_points(upright[:, :2], (400, 600), rotation)
    u, v, side, turn = crop_region(upright, 1.25)
    square = crop_region(there, 1.25, rotation)
    np.testing.assert_allclose(square[:2], turned_points(np.array([u, v]), (400, 600), rotation))
    assert square[2] == pytest.approx(side)
    np.testing.assert_allclose(crops.axes(square[3]), crops.axes(turn - np.radians(rotation)),
                               atol=1e-6)
