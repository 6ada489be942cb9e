# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.synthesis.rendered import backgrounds
from pose_machine_ros.synthesis.rendered.backgrounds import background, Bystanders
from pose_machine_ros.synthesis.rendered.textures import Textures

SIZE = (160, 120)
INTRINSICS = np.array(((80.0, 0, 79.5), (0, 80, 59.5), (0, 0, 1)))
LEVEL = np.array(((0.0, -1, 0), (0, 0, -1), (1, 0, 0)))  # looks along x
POSITION = np.array((0.0, 0, 1.5))


class Plain(Textures):
    """A grey wall, and a floor whose brightness is the pixel of the texture."""

    def any(self, width, height, photo_share):
        return np.full((height, width, 3), 100, np.float32)

    def material(self, size):
        return np.full((size, size, 3), 200, np.float32)


def picture(seed, monkeypatch, floors=1.0):
    monkeypatch.setattr(backgrounds, '_FLOORS', floors)
    monkeypatch.setattr(backgrounds, '_PHOTOS_OF_FLOORS', 0.0)
    rng = np.random.default_rng(seed)
    return background(Plain([], rng), SIZE, INTRINSICS, LEVEL, POSITION, rng)


@pytest.mark.parametrize('seed', range(5))
def test_the_floor_ends_below_the_horizon(seed, monkeypatch):
    rows = picture(seed, monkeypatch).mean((1, 2))
    np.testing.assert_allclose(rows[:60], 100, atol=1e-3)
    np.testing.assert_allclose(rows[-10:], 200, atol=1e-3)
    # It ends 3 to 15 m away, and 1.5 times the camera's distance from the origin.
    end = 60 + np.argmax(rows[60:] > 150)
    distance = INTRINSICS[1, 1] * POSITION[2] / (end - 59.5)
    assert 4 < distance < 20


def test_some_backgrounds_have_no_floor(monkeypatch):
    np.testing.assert_allclose(picture(0, monkeypatch, floors=0), 100)


def test_bystanders_stand_at_the_side_of_the_picture(monkeypatch):
    monkeypatch.setattr(Bystanders, '_SHARE', 1.0)
    others = Bystanders()
    black = np.zeros((400, 400, 3), np.float32)
    assert others.join(black, np.random.default_rng(0)) is black, 'nobody yet'
    mask = np.zeros((400, 400), np.float32)
    mask[100:300, 180:220] = 1
    others.add(np.full((400, 400, 3), 255, np.float32), mask)
    columns = np.stack([others.join(black, np.random.default_rng(seed)).mean((0, 2))
                        for seed in range(20)])
    np.testing.assert_array_equal(columns[:, 185:215], 0)
    assert (columns[:, :185].max(0) > 0).any() and (columns[:, 215:].max(0) > 0).any()
    np.testing.assert_array_equal(black, 0)
