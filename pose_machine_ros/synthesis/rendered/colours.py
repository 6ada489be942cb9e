# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random colours, RGB in [0, 1]."""

from __future__ import annotations

import cv2
import numpy as np

_LIGHT_SKIN, _DARK_SKIN = np.array((0.95, 0.78, 0.68)), np.array((0.28, 0.17, 0.11))
_HAIR = np.array(((0.05, 0.04, 0.04), (0.25, 0.15, 0.08), (0.5, 0.35, 0.2), (0.8, 0.68, 0.45),
                  (0.6, 0.6, 0.6), (0.4, 0.15, 0.06)))


def any_colour(rng: np.random.Generator) -> np.ndarray:
    """Return a colour of clothes or things: any hue, rather pale than saturated."""
    hsv = rng.uniform(0, 180), 255 * rng.beta(1.2, 1.8), 255 * rng.beta(1.6, 1.3)
    return cv2.cvtColor(np.uint8([[hsv]]), cv2.COLOR_HSV2RGB)[0, 0] / 255


def skin(rng: np.random.Generator) -> np.ndarray:
    """Return a colour of skin, light to dark."""
    dark = rng.uniform()
    return ((1 - dark) * _LIGHT_SKIN + dark * _DARK_SKIN + rng.normal(0, 0.03, 3)).clip(0.05, 1)


def hair(rng: np.random.Generator) -> np.ndarray:
    """Return a colour of hair."""
    return (_HAIR[rng.integers(len(_HAIR))] + rng.normal(0, 0.03, 3)).clip(0.01, 1)
