# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.benchmark.footage import in_turn, montage

FRAMES = 20
RED, GREEN = (0, 0, 200), (0, 200, 0)


def pictures(colour):
    """Return an upright person of 40 x 80 px: a bar that moves to the right, in each frame."""
    images = np.zeros((FRAMES, 80, 40, 3), np.uint8)
    for k, image in enumerate(images):
        image[:, k:k + 10] = colour
    return list(images)


def bars(image):
    """Return the number of bars, by colour."""
    is_bar = np.stack([(image == np.uint8(c)).all(2).any(0) for c in (RED, GREEN)])
    return (np.diff(is_bar.astype(int), prepend=0, axis=1) == 1).sum(1)


@pytest.mark.parametrize('count, reds, greens', [(1, 1, 0), (2, 1, 1), (5, 3, 2)])
def test_a_montage_shows_as_many_people_as_wanted(count, reds, greens):
    images = montage([pictures(RED), pictures(GREEN)], count, (400, 80))
    assert images.shape == (FRAMES, 80, 400, 3) and images.dtype == np.uint8
    for image in images:
        assert bars(image).tolist() == [reds, greens]


def test_all_people_of_a_montage_move_and_copies_move_differently():
    images = montage([pictures(RED)], 4, (160, 80)).astype(int)
    tiles = np.split(images, 4, axis=2)
    for tile in tiles:
        assert (np.abs(np.diff(tile, axis=0)).max((1, 2, 3)) > 0).all()
    for i, tile in enumerate(tiles):
        for other in tiles[:i]:
            assert np.abs(tile - other).max((1, 2, 3)).mean() > 100


def test_many_people_are_in_several_rows():
    images = montage([pictures(RED)], 10, (640, 480))
    occupied = (images == np.uint8(RED)).all(3)
    rows = occupied.any((0, 2))
    assert (np.diff(rows.astype(int), prepend=0) == 1).sum() > 1


def test_images_that_repeat_have_no_jump():
    order = in_turn(range(5))
    assert set(order) == set(range(5))
    assert all(abs(a - b) == 1 for a, b in zip(order, order[1:] + order[:1]))
