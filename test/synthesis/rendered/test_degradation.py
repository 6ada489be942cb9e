# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np

from pose_machine_ros.synthesis.rendered.degradation import Degradation

GREY = np.full((80, 80, 3), 128, np.float32)


def test_faults_differ_but_the_picture_is_still_seen():
    edge = GREY.copy()
    edge[:, 40:] = 230
    for seed in range(50):
        rng = np.random.default_rng(seed)
        out = Degradation.random(rng, scale=1.5).apply(edge, rng)
        assert out.shape == edge.shape
        assert out[:, 60:].mean() - out[:, :20].mean() > 40


def test_only_the_noise_differs_between_frames():
    rng = np.random.default_rng(7)
    degradation = Degradation.random(rng, scale=1)
    first, second = (degradation.apply(GREY, rng) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_allclose(first.mean((0, 1)), second.mean((0, 1)), atol=0.5)


def test_enlarged_pictures_are_coarse():
    stripes = np.tile(np.float32((0, 255)), (80, 40))[..., None].repeat(3, -1)
    rng = np.random.default_rng(0)
    fine, coarse = (Degradation(1, 1, np.ones(3), 0, None, c, 0, 90).apply(stripes, rng)
                    for c in (1, 0.25))
    assert fine.std() > 100 and coarse.std() < 20


def test_pictures_are_jpeg():
    degradation = Degradation(1, 1, np.ones(3), 0, None, 1, 0, 90)
    picture = cv2.imdecode(degradation.encode(GREY + 500), cv2.IMREAD_COLOR)
    np.testing.assert_allclose(picture, 255, atol=2)
