# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Things in front of a person: the edge of a table, a round thing, a box."""

from __future__ import annotations

import cv2
import numpy as np

_SHARE = 0.12  # of the sequences
_MOST_HIDDEN = 0.4  # of the person
_EDGE = 0.7  # px, softness of the outline


def random_occluder(person: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Return where something hides part of a person, (H, W) float32 in [0, 1], or None.

    `person` (H, W) is the person's mask.
    """
    rows, columns = np.nonzero(person > 0.5)
    if rng.uniform() >= _SHARE or not len(rows):
        return None
    mask = np.zeros(person.shape, np.float32)
    size = max(np.ptp(rows), np.ptp(columns), 16)
    chosen = rng.integers(len(rows))
    centre = int(columns[chosen]), int(rows[chosen])
    kind = rng.integers(3)
    if kind == 0:
        mask[int(np.quantile(rows, rng.uniform(0.6, 0.95))):] = 1
    elif kind == 1:
        axes = rng.uniform(0.08, 0.3, 2) * size
        cv2.ellipse(mask, centre, axes.astype(int).tolist(), rng.uniform(0, 180), 0, 360, 1, -1)
    else:
        half = (rng.uniform(0.04, 0.2, 2) * size).astype(int)
        low, high = (np.array(centre) + sign * half for sign in (-1, 1))
        cv2.rectangle(mask, low.tolist(), high.tolist(), 1, -1)
    if (mask * person).sum() > _MOST_HIDDEN * person.sum():
        return None
    return cv2.GaussianBlur(mask, (0, 0), _EDGE)
