# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well each camera agrees with the others: where a camera is not where its pose says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pose_machine_ros.fusion.sighting import Sighting

_SHARE = 0.02  # of a new value in the mean
_MIN_VALUES = 15  # before a mean says anything


class CameraResiduals:
    """The mean reprojection error of each camera, of people whom other cameras see too."""

    def __init__(self) -> None:
        """Start without values."""
        self._means: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def reset(self) -> None:
        """Forget all values."""
        self._means.clear()
        self._counts.clear()

    def add(self, sightings: Sequence[Sighting], errors: np.ndarray) -> None:
        """Take the errors (C, 13) of the sightings of a person, in sigma; 0 where unseen."""
        if len(sightings) < 2:
            return
        for sighting, values in zip(sightings, errors):
            seen = sighting.weights > 0
            if seen.any():
                self.add_value(sighting.camera, float(np.median(values[seen])))

    def add_value(self, camera: str, value: float) -> None:
        """Take a camera's error of one person, in sigma."""
        count = self._counts[camera] = self._counts.get(camera, 0) + 1
        mean = self._means.get(camera, 0.0)
        self._means[camera] = mean + (value - mean) * max(_SHARE, 1 / count)

    def means(self) -> dict[str, float]:
        """Return the mean of each camera with enough values, by name."""
        return {name: mean for name, mean in self._means.items()
                if self._counts[name] >= _MIN_VALUES}
