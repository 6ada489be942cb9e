# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import cv2
import numpy as np
import pytest
from support import movenet_reference
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.skeleton import COCO_17

IMAGE = cv2.imread(str(Path(__file__).parents[1] / 'data' / 'balancing.jpg'))
REGIONS = movenet_reference.REGION[None]


@pytest.fixture(scope='module', params=['torch', 'onnxruntime'])
def network(request):
    return PoseNetwork2D(Keypoints2DConfig(backend=request.param))


def refine(network, image, regions):
    return network.refine(network.crop(image, regions), regions).keypoints


def in_crop(keypoints, size):
    out = keypoints.copy()
    out[..., :2] = ((keypoints[..., :2] - movenet_reference.REGION[:2]) * size / 320
                    + (size - 1) / 2)
    return out


@pytest.mark.parametrize('backend', ['torch', 'onnxruntime'])
@pytest.mark.parametrize('model, size, released', [
    ('thunder', 256, movenet_reference.THUNDER), ('lightning', 192, movenet_reference.LIGHTNING)])
def test_keypoints_are_those_of_the_released_network(model, size, released, backend):
    network = PoseNetwork2D(Keypoints2DConfig(model=model, backend=backend))
    exact = cv2.resize(IMAGE[130:450, 40:360], (size, size), interpolation=cv2.INTER_AREA)
    ours = in_crop(network.refine(torch.from_numpy(exact[None]), REGIONS).keypoints[0], size)
    np.testing.assert_allclose(ours[:, :2], released[:, :2], atol=0.1)
    np.testing.assert_allclose(ours[:, 2], released[:, 2], atol=0.005)


def test_lightning_finds_the_keypoints_that_thunder_finds(network):
    lightning = PoseNetwork2D(Keypoints2DConfig(model='lightning'))
    assert lightning.crop(IMAGE, REGIONS).shape == (1, 192, 192, 3)
    there, here = (refine(n, IMAGE, REGIONS)[0] for n in (lightning, network))
    sure = here[:, 2] > 0.5
    away = np.linalg.norm((there - here)[sure, :2], axis=-1) / movenet_reference.REGION[2]
    assert 0 < np.median(away) < 0.03


def test_detections_are_those_of_the_released_network(network):
    exact = cv2.resize(IMAGE, (288, 512), interpolation=cv2.INTER_AREA)
    found = network.detect(exact)
    np.testing.assert_allclose(found.scores, movenet_reference.MULTIPOSE_SCORES, atol=0.005)
    np.testing.assert_allclose(
        found.keypoints[0, :, :2], movenet_reference.MULTIPOSE[:, :2], atol=0.2)
    np.testing.assert_allclose(
        found.keypoints[0, :, 2], movenet_reference.MULTIPOSE[:, 2], atol=0.005)


def test_several_people_together_are_as_one_by_one(network):
    regions = np.array([[199.5, 289.5, 320, 0], [210, 290, 300, 0.3], [320, 250, 180, -0.2]])
    together = refine(network, IMAGE, regions)
    for i in range(3):
        np.testing.assert_allclose(together[i], refine(network, IMAGE, regions[i:i + 1])[0],
                                   atol=1e-2)


def test_a_mirrored_image_gives_mirrored_people(network):
    width = IMAGE.shape[1]
    u, v, side, angle = movenet_reference.REGION
    flipped = np.ascontiguousarray(IMAGE[:, ::-1])
    there = refine(network, flipped, np.array([[width - 1 - u, v, side, -angle]]))[0]
    back = there[list(COCO_17.mirror)] * [-1, 1, 1] + [width - 1, 0, 0]
    here = refine(network, IMAGE, REGIONS)[0]
    sure = (here[:, 2] > 0.5) & (back[:, 2] > 0.5)
    assert sure.sum() >= 8
    assert np.median(np.linalg.norm((back - here)[sure, :2], axis=-1)) < 8


def test_a_shifted_image_gives_shifted_people(network):
    shifted = np.roll(IMAGE, 24, axis=1)
    there = refine(network, shifted, REGIONS + [24, 0, 0, 0])[0]
    here = refine(network, IMAGE, REGIONS)[0]
    np.testing.assert_allclose(there - [24, 0, 0], here, atol=0.02)


def test_a_lying_person_is_seen_like_a_standing_one(network):
    turned = np.ascontiguousarray(np.rot90(IMAGE))  # against the clock: u, v comes to v, width - u
    u, v, side, angle = movenet_reference.REGION
    region = np.array([[v, IMAGE.shape[1] - 1 - u, side, angle - np.pi / 2]])
    there, here = refine(network, turned, region)[0], refine(network, IMAGE, REGIONS)[0]
    back = np.column_stack((IMAGE.shape[1] - 1 - there[:, 1], there[:, 0], there[:, 2]))
    np.testing.assert_allclose(back[:, :2], here[:, :2], atol=2.5)
    np.testing.assert_allclose(back[:, 2], here[:, 2], atol=0.1)


def test_left_is_left(network):
    """The man faces the camera, so his left shoulder is on the right of the image."""
    keypoints = refine(network, IMAGE, REGIONS)[0]
    for part in ('shoulder', 'hip'):
        left, right = (keypoints[COCO_17.index(f'{s}_{part}'), 0] for s in ('left', 'right'))
        assert left > right + 10


def test_an_empty_image_has_nobody(network):
    assert len(network.detect(np.full((480, 640, 3), 127, np.uint8)).scores) == 0


@pytest.mark.parametrize('shape', [(64, 64), (480, 640), (1920, 1080), (33, 257)])
def test_images_of_any_shape_are_searched(network, shape):
    assert network.detect(np.zeros((*shape, 3), np.uint8)).keypoints.shape == (0, 17, 3)


def test_more_people_may_be_asked_for_than_a_small_image_can_hold(network):
    assert len(network.detect(np.zeros((32, 32, 3), np.uint8), 500).scores) == 0


def test_a_person_found_in_a_smaller_image_is_at_the_same_place(network):
    fine, coarse = (network.detect(IMAGE, long_side=side).keypoints[0] for side in (512, 256))
    sure = (fine[:, 2] > 0.5) & (coarse[:, 2] > 0.5)
    assert sure.sum() > 8
    assert np.median(np.linalg.norm((fine - coarse)[sure, :2], axis=-1)) < 6


@pytest.mark.parametrize('bad', [
    {'model': 'heavy'},
    {'backend': 'tensorrt'}, {'threads': 0}, {'detector_size': 500}, {'min_person_score': 2}])
def test_unusable_settings_are_refused(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        Keypoints2DConfig(**bad)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA GPU')
def test_the_gpu_agrees_with_the_cpu():
    on_cpu = PoseNetwork2D(Keypoints2DConfig(backend='torch'))
    on_gpu = PoseNetwork2D(Keypoints2DConfig(), 'cuda')
    theirs = on_gpu.refine(on_gpu.crop(on_gpu.upload(IMAGE), REGIONS), REGIONS).keypoints
    ours = refine(on_cpu, IMAGE, REGIONS)
    sure = ours[..., 2] > 0.5
    assert np.median(np.abs(theirs - ours)[sure]) < 1.0
