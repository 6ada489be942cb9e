# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random lights of a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.synthesis.rendered.rotations import unit


@dataclass(frozen=True)
class Lights:
    """Directional lights, and light from everywhere; camera frame."""

    directions: np.ndarray  # (L, 3), towards the lights
    colours: np.ndarray  # (L, 3) RGB
    intensity: float  # of each light
    ambient: float


def random_lights(up: np.ndarray, rng: np.random.Generator) -> Lights:
    """Return one to three lights, rather above and on the camera's side; `up` (3,)."""
    count = rng.integers(1, 4)
    toward_camera = np.array((0, 0, -1))
    directions = unit(rng.normal(0, 1, (count, 3)) + rng.uniform(0, 1.5, (count, 1)) * up
                      + rng.uniform(0, 1, (count, 1)) * toward_camera)
    return Lights(directions, (1 + rng.normal(0, 0.1, (count, 3))).clip(0.6, 1.2),
                  rng.uniform(1.2, 3.4) / count ** 0.7, rng.uniform(0.1, 0.55))
