# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Walls and floors behind a person, and other people in front of them."""

from __future__ import annotations

import cv2
import numpy as np

from pose_machine_ros.synthesis.rendered.rotations import turned
from pose_machine_ros.synthesis.rendered.textures import Textures

_PHOTOS_OF_WALLS, _PHOTOS_OF_FLOORS = 0.65, 0.5  # share, if there are photos
_FLOORS = 0.55  # share of the backgrounds with a floor in perspective
_TILE = 256  # px, side of a floor's texture


def background(textures: Textures, size: tuple[int, int], intrinsics: np.ndarray,
               rotation: np.ndarray, position: np.ndarray,
               rng: np.random.Generator) -> np.ndarray:
    """Return a picture (H, W, 3) float32 of `size` (W, H): a wall, and often a floor at z = 0.

    `intrinsics` (3, 3) are those of the picture; `rotation` (3, 3) turns the world to the camera's
    frame, and `position` (3,) is the camera's in the world.
    """
    width, height = size
    wall = textures.any(width, height, _PHOTOS_OF_WALLS)
    if rng.uniform() >= _FLOORS:
        return wall
    texture = (textures.any(_TILE, _TILE, 1) if rng.uniform() < _PHOTOS_OF_FLOORS else
               textures.material(_TILE))
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.stack((x, y, np.ones_like(x)), -1)
    rays = pixels @ (np.linalg.inv(rotation) @ np.linalg.inv(intrinsics)).T  # (H, W, 3), world
    down = -rays[..., 2]
    depth = np.where(down > 1e-3, position[2] / down.clip(1e-3), np.inf)
    end = rng.uniform(3, 15) + 1.5 * np.linalg.norm(position)  # metres, where the wall begins
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
    ground = position[:2] + rays[..., :2] * np.minimum(depth, end)[..., None]
    tiles = (turned(along, ground) * _TILE / rng.uniform(1.5, 6)) % _TILE
    floor = cv2.remap(texture, tiles.astype(np.float32), None, cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_WRAP)
    mask = cv2.GaussianBlur((depth < end).astype(np.float32), (0, 0), 1)[..., None]
    return wall + mask * (floor - wall)


class Bystanders:
    """Pictures of people rendered before, who stand in the background of others."""

    _KEPT = 30
    _SHARE = 0.18

    def __init__(self) -> None:
        self._people: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, picture: np.ndarray, mask: np.ndarray) -> None:
        """Keep a picture (S, S, 3) of a person for later, with its mask (S, S)."""
        self._people = [*self._people, (picture, mask)][-self._KEPT:]

    def join(self, background: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the background (H, W, 3) with another person on one side, at times."""
        if not self._people or rng.uniform() >= self._SHARE:
            return background
        picture, mask = self._people[rng.integers(len(self._people))]
        scale = np.exp(rng.uniform(np.log(0.35), np.log(1.1)))
        size = len(mask)
        middle = np.array(background.shape[1::-1]) / 2 + (
            rng.choice((-1, 1)) * rng.uniform(0.25, 0.6) * size, rng.uniform(-0.15, 0.25) * size)
        shrink = np.column_stack((scale * np.eye(2), middle - scale * size / 2))
        picture, mask = (cv2.warpAffine(layer, shrink, background.shape[1::-1])
                         for layer in (picture, mask))
        return background + mask[..., None] * (picture - background)
