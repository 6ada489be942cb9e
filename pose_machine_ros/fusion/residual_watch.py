# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cameras whose poses contradict the people seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
import math

_LIMIT = 3.0  # standard deviations of a keypoint
_SECONDS = 2.0
_LEAST = 10  # residuals


class ResidualWatch:
    """Names cameras whose reprojection error stays high.

    The mean of the last two seconds counts, so that one bad view names nobody.
    """

    def __init__(self) -> None:
        self._residuals: dict[str, deque[tuple[float, float]]] = {}  # time in seconds, residual

    def add(self, residuals: Mapping[str, float], stamp_ns: int) -> None:
        """Take the mean reprojection error of cameras at a time, in standard deviations.

        A camera that sees nobody has NaN, or is missing.
        """
        now = stamp_ns * 1e-9
        for camera, residual in residuals.items():
            if math.isfinite(residual):
                self._residuals.setdefault(camera, deque()).append((now, residual))
        for camera, values in list(self._residuals.items()):
            # One value older than the interval stays, which shows that the interval is covered.
            while len(values) > 1 and now - values[1][0] >= _SECONDS:
                values.popleft()
            if now - values[-1][0] >= _SECONDS:
                del self._residuals[camera]

    def reset(self) -> None:
        """Forget all residuals."""
        self._residuals.clear()

    def complaints(self) -> dict[str, str]:
        """Return what to tell the user about each camera with a high error, by its name.

        Of two cameras, each may be the wrong one, so both are named.
        """
        means = {camera: mean for camera, values in self._residuals.items()
                 if (mean := _mean(values)) is not None}
        high = {camera: mean for camera, mean in means.items() if mean > _LIMIT}
        if high and len(self._residuals) == 2:
            a, b = sorted(self._residuals)
            text = (f'the poses of cameras {a} and {b} contradict the people seen (reprojection '
                    f'error {max(high.values()):.1f} standard deviations): one of them has moved '
                    'or is wrong; calibrate the extrinsics again')
            return {a: text, b: text}
        return {camera: f'the pose of camera {camera} contradicts the people seen (reprojection '
                f'error {mean:.1f} standard deviations): it has moved or is wrong; calibrate its '
                'extrinsics again' for camera, mean in high.items()}


def _mean(values: deque[tuple[float, float]]) -> float | None:
    """Return the mean of the interval; None if it is not covered."""
    if len(values) < _LEAST or values[-1][0] - values[0][0] < _SECONDS:
        return None
    return sum(value for _, value in values) / len(values)
