# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a camera does to a picture: exposure, colour cast, blur, coarse pixels, noise, JPEG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Degradation:
    """One camera's faults, the same in all frames except for the noise itself."""

    exposure: float
    gamma: float
    cast: np.ndarray  # (3,) factors of blue, green and red
    blur: float  # px, 0 for none
    motion: np.ndarray | None  # kernel of motion blur
    coarseness: float  # px of the camera per px of the close-up, at most 1
    noise: float  # standard deviation, of 255
    quality: int  # of JPEG

    @classmethod
    def random(cls, rng: np.random.Generator, scale: float) -> Degradation:
        """Return a random one for a close-up with `scale` px per px of the camera's picture."""
        return cls(rng.uniform(0.8, 1.25), rng.uniform(0.8, 1.2),
                   (1 + rng.normal(0, 0.05, 3)).clip(0.8, 1.2),
                   rng.uniform(0.4, 1.1) if rng.uniform() < 0.3 else 0.0,
                   _motion_kernel(rng) if rng.uniform() < 0.07 else None,
                   float(np.clip(1 / scale, 0.2, 1)) * (
                       rng.uniform(0.5, 0.9) if rng.uniform() < 0.2 else 1),
                   rng.uniform(0, 5), int(rng.uniform(70, 97)))

    def apply(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the picture (S, S, 3), float32 0 to 255, as the camera takes it."""
        out = (picture * np.float32(self.exposure / 255)).clip(0, 1) ** np.float32(self.gamma)
        out = out * np.float32(255 * self.cast)
        if self.motion is not None:
            out = cv2.filter2D(out, -1, self.motion)
        if self.blur:
            out = cv2.GaussianBlur(out, (0, 0), self.blur)
        if self.coarseness < 0.95:
            small = cv2.resize(out, None, fx=self.coarseness, fy=self.coarseness,
                               interpolation=cv2.INTER_AREA)
            small = small + self._noise(small.shape, rng)
            return cv2.resize(small, out.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return out + self._noise(out.shape, rng)

    def encode(self, picture: np.ndarray) -> np.ndarray:
        """Return the JPEG file (N,) uint8 of a picture (S, S, 3), 0 to 255."""
        _, data = cv2.imencode('.jpg', picture.clip(0, 255).astype(np.uint8),
                               (cv2.IMWRITE_JPEG_QUALITY, self.quality))
        return data.ravel()

    def _noise(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        return np.float32(self.noise) * rng.standard_normal(shape, np.float32)


def _motion_kernel(rng: np.random.Generator) -> np.ndarray:
    size = int(rng.integers(3, 7))
    kernel = np.zeros((size, size), np.float32)
    cv2.line(kernel, (0, int(rng.integers(size))), (size - 1, int(rng.integers(size))), 1)
    return kernel / kernel.sum()
