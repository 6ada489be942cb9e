# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Resources of the node over time, and whether they grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
import math
from statistics import median

from pose_machine_ros.errors import InputError

MIN_SAMPLES = 12
_MAX_STALL = 10.0  # seconds without a result
_WARM_UP_SHARE = 0.25  # of the whole time ...
_MAX_WARM_UP = 300.0  # ... and seconds, at most


@dataclass(frozen=True)
class Sample:
    """Resources of the node at one moment, and its work since the sample before."""

    seconds: float  # since the camera started
    memory_mb: float  # resident
    threads: int
    handles: int  # open file descriptors
    span: float  # seconds of work that the fields below count
    sent: int  # frames from the camera
    processed: int  # of these frames
    people: int  # in the newest frame
    backward: int  # results whose stamp did not rise
    latency_p50_ms: float | None  # image stamp to publication; None where nothing was processed
    latency_p95_ms: float | None
    latency_p99_ms: float | None


@dataclass(frozen=True)
class GrowthLimits:
    """Allowed growth from after the warm-up to the end."""

    memory_mb: float = 20.0
    threads: int = 0
    handles: int = 0

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f'limit of {name} = {getattr(self, name)} must not be negative')


def growth(samples: Sequence[Sample]) -> dict[str, float]:
    """Return the growth of memory_mb, threads and handles after the warm-up.

    The warm-up is the first quarter, at most five minutes. The growth is the difference between
    the medians of the last and the first third after it. Raises InputError for fewer than
    MIN_SAMPLES samples.
    """
    if len(samples) < MIN_SAMPLES:
        raise InputError(f'{len(samples)} samples are too few to measure growth, which '
                         f'needs {MIN_SAMPLES}')
    warm = warm_up_seconds(samples[-1].seconds)
    after = [s for s in samples if s.seconds > warm]
    third = len(after) // 3
    return {name: median(getattr(s, name) for s in after[-third:])
            - median(getattr(s, name) for s in after[:third])
            for name in (f.name for f in fields(GrowthLimits))}


def warm_up_seconds(seconds: float) -> float:
    """Return the length of the warm-up, seconds, of a soak of `seconds`."""
    return min(seconds * _WARM_UP_SHARE, _MAX_WARM_UP)


def longest_stall(samples: Sequence[Sample]) -> float:
    """Return the longest time, seconds, in which frames were sent and none was processed."""
    longest = lasting = 0.0
    for sample in samples:
        lasting = lasting + sample.span if sample.sent and not sample.processed else 0.0
        longest = max(longest, lasting)
    return longest


def complaints(samples: Sequence[Sample], limits: GrowthLimits) -> list[str]:
    """Return what is wrong with a soak; empty if nothing is."""
    found = [f'{name} grew by {grown:.4g}, {getattr(limits, name):g} is allowed'
             for name, grown in growth(samples).items() if grown > getattr(limits, name)]
    if (idle := longest_stall(samples)) >= _MAX_STALL:
        found.append(f'nothing was processed for {idle:.0f} s')
    if not any(s.people for s in samples):
        found.append('nobody was seen')
    if backward := sum(s.backward for s in samples):
        found.append(f'stamps of {backward} results did not increase')
    return found
