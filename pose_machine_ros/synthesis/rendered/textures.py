# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures of surroundings: parts of photos, and procedural ones; BGR float32, 0 to 255."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.synthesis.rendered import colours

_SUFFIXES = ('.jpg', '.jpeg', '.png', '.webp', '.bmp', '.tif', '.tiff')
_LEAST_SIDE, _LONG_SIDE = 200, 1200  # px; smaller photos are left out, larger ones are shrunk


def load_photos(folder: Path | None) -> list[np.ndarray]:
    """Return the photos in a folder and the folders in it, BGR uint8; none for no folder.

    Raises InputError if there is no photo of at least 200 x 200 px.
    """
    if folder is None:
        return []
    paths = sorted(p for p in folder.rglob('*') if p.suffix.lower() in _SUFFIXES)
    photos = [photo for photo in (cv2.imread(str(p)) for p in paths)
              if photo is not None and min(photo.shape[:2]) >= _LEAST_SIDE]
    if not photos:
        raise InputError(f'{folder} has no picture ({", ".join(_SUFFIXES)}) of at least '
                         f'{_LEAST_SIDE} x {_LEAST_SIDE} px')
    return [_shrink(photo) for photo in photos]


class Textures:
    """A source of random pictures."""

    def __init__(self, photos: Sequence[np.ndarray], rng: np.random.Generator) -> None:
        self._photos, self._rng = photos, rng

    def any(self, width: int, height: int, photo_share: float) -> np.ndarray:
        """Return a picture (height, width, 3): part of a photo in a share of the cases."""
        if self._photos and self._rng.uniform() < photo_share:
            return self._photo(width, height)
        return self._room(width, height)

    def material(self, size: int) -> np.ndarray:
        """Return a picture (size, size, 3) of a plain, tiled, lined or cloudy material."""
        rng = self._rng
        first, second = (_pale(rng) for _ in range(2))
        y, x = np.mgrid[:size, :size]
        kind, period = rng.integers(4), rng.integers(6, 60)
        share = (np.zeros((size, size)),
                 (x // period + y // period) % 2,
                 (x % period < 2) | (y % period < 2),
                 (0.5 + 0.3 * cloud(rng, size, size, rng.uniform(4, 60))).clip(0, 1))[kind]
        out = first + share[..., None] * (second - first)
        return (out + rng.normal(0, rng.uniform(0, 8), (size, size, 1))).clip(0, 255).astype(
            np.float32)

    def _photo(self, width: int, height: int) -> np.ndarray:
        rng = self._rng
        photo = self._photos[rng.integers(len(self._photos))]
        rows, columns = photo.shape[:2]
        scale = rng.uniform(0.25, 1) * min(rows / height, columns / width)
        w, h = max(int(scale * width), 8), max(int(scale * height), 8)
        left, top = rng.integers(max(columns - w, 0) + 1), rng.integers(max(rows - h, 0) + 1)
        part = cv2.resize(photo[top:top + h, left:left + w], (width, height),
                          interpolation=cv2.INTER_LINEAR if scale < 1 else cv2.INTER_AREA)
        if rng.uniform() < 0.5:
            part = part[:, ::-1]
        if rng.uniform() < 0.4:  # other colours
            hsv = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_BGR2HSV)
            hsv[..., 0] = (hsv[..., 0].astype(int) + rng.integers(180)) % 180
            hsv[..., 1] = hsv[..., 1] * rng.uniform(0.1, 1)
            part = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
        return np.ascontiguousarray(part, np.float32)

    def _room(self, width: int, height: int) -> np.ndarray:
        """Return a wall of some material with things in front of it, unevenly lit."""
        rng = self._rng
        side = max(width, height)
        out = cv2.resize(self.material(256), (width, height)).astype(np.float32)
        for _ in range(rng.poisson(8)):
            low = rng.uniform(-0.1, 1, 2) * (width, height)
            size = np.exp(rng.uniform(np.log(0.02), np.log(0.5), 2)) * side
            (left, top), (right, bottom) = (p.astype(int).clip(0, (width, height))
                                            for p in (low, low + size))
            if right > left and bottom > top:
                thing = (_pale(rng) if rng.uniform() < 0.6 else
                         cv2.resize(self.material(128), (right - left, bottom - top)))
                out[top:bottom, left:right] = thing
        for _ in range(rng.poisson(4)):
            ends = (rng.uniform(0, 1, (2, 2)) * (width, height)).astype(int)
            cv2.line(out, *ends.tolist(), _pale(rng).tolist(), int(rng.integers(1, 8)), cv2.LINE_AA)
        if rng.uniform() < 0.6:
            out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.5, 4))
        light = 1 + rng.uniform(0, 0.25) * cloud(rng, width, height, side / 3)
        return (out * light[..., None]).clip(0, 255)


def cloud(rng: np.random.Generator, width: int, height: int, scale: float) -> np.ndarray:
    """Return smooth noise (height, width) float32, about standard normal, `scale` px wide."""
    shape = max(2, int(height / scale)), max(2, int(width / scale))
    return cv2.resize(rng.normal(0, 1, shape).astype(np.float32), (width, height),
                      interpolation=cv2.INTER_CUBIC)


def _pale(rng: np.random.Generator) -> np.ndarray:
    """Return a colour (3,), 0 to 255, of things in rooms: often nearly grey."""
    colour, grey = 255 * colours.any_colour(rng), rng.uniform(0, 0.8)
    return (grey * colour + (1 - grey) * colour.mean()).astype(np.float32)


def _shrink(photo: np.ndarray) -> np.ndarray:
    scale = min(1, _LONG_SIDE / max(photo.shape[:2]))
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
