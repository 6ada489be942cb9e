# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pose_machine_ros.io.images.shrink import shrink

PHOTO = cv2.imread(str(Path(__file__).parents[2] / 'data' / 'balancing.jpg'))  # 405 x 720 px


@pytest.mark.parametrize('size', [(405, 720), (404, 719), (300, 533), (203, 360), (160, 285),
                                  (101, 180), (45, 80), (405, 90)])
def test_the_result_is_close_to_the_mean_of_areas(size: tuple[int, int]) -> None:
    expected = cv2.resize(PHOTO, size, interpolation=cv2.INTER_AREA).astype(int)
    shrunk = shrink(PHOTO, size)
    assert shrunk.shape == expected.shape and shrunk.dtype == np.uint8
    # A factor just below 2 is interpolated from every other pixel at worst.
    assert np.abs(shrunk - expected).mean() < 6


@pytest.mark.parametrize('factor', [1, 2, 4])
def test_powers_of_two_are_the_mean_of_areas(factor: int) -> None:
    image = PHOTO[:88, :120]
    size = 120 // factor, 88 // factor
    np.testing.assert_allclose(  # each halving rounds
        shrink(image, size).astype(int),
        cv2.resize(image, size, interpolation=cv2.INTER_AREA), atol=1)


@pytest.mark.parametrize('size', [(300, 533), (203, 360), (160, 285), (101, 180)])
def test_points_stay_in_their_place(size: tuple[int, int]) -> None:
    """The centre of a disc, in fractions of the image, is that of the full image to half a px."""
    image = np.zeros((720, 405, 3), np.uint8)
    cv2.circle(image, (300, 200), 30, (255, 255, 255), -1)

    def centre(pixels: np.ndarray) -> np.ndarray:
        rows, columns = np.nonzero(pixels[..., 0] > 127)
        return (np.array([columns.mean(), rows.mean()]) + 0.5) / pixels.shape[1::-1]
    away = (centre(shrink(image, size)) - centre(image)) * size
    assert np.abs(away).max() < 0.5


def test_an_image_of_that_size_is_returned_as_it_is() -> None:
    assert shrink(PHOTO, (405, 720)) is PHOTO
