# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Percentiles of measured times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NAMES = ('p50', 'p95', 'p99', 'max')


def percentiles(ms: Sequence[float]) -> dict[str, float]:
    """Return the median, p95, p99 and maximum of at least one time, in ms."""
    values = np.percentile(ms, (50, 95, 99, 100))
    return {name: round(float(value), 3) for name, value in zip(NAMES, values, strict=True)}
