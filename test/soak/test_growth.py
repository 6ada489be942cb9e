# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What counts as growth: leaks of any kind, and neither the warm-up nor noise."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.soak.growth import complaints, growth, GrowthLimits, Sample, warm_up_seconds

WELL = Sample(seconds=0, memory_mb=700, threads=27, handles=26, span=10, sent=300, processed=290,
              people=2, backward=0, latency_p50_ms=30, latency_p95_ms=40, latency_p99_ms=50)


def soak(minutes: float, **changes: object) -> list[Sample]:
    """Return samples every ten seconds; `changes` are functions of the seconds."""
    return [dataclasses.replace(WELL, seconds=t, **{name: of(t) for name, of in changes.items()})
            for t in np.arange(10, minutes * 60 + 1, 10.0)]


@given(st.floats(5, 120), st.floats(0, 500), st.integers(0, 2**32 - 1))
def test_a_warm_up_and_noise_are_no_growth(minutes: float, ramp: float, seed: int) -> None:
    noise = np.random.default_rng(seed)
    warm = warm_up_seconds(minutes * 60)
    samples = soak(minutes, memory_mb=lambda t: 700 + ramp * min(t / warm, 1) + noise.uniform(0, 5),
                   threads=lambda t: 20 + min(int(t / warm * 7), 7))
    assert complaints(samples, GrowthLimits()) == []


@given(st.floats(5, 120), st.floats(41, 1000))
def test_a_leak_is_found_however_slow(minutes: float, leaked: float) -> None:
    # A straight line of 41 MB after the warm-up grows by two thirds of it from third to third
    rate = leaked / (minutes * 60 - warm_up_seconds(minutes * 60))
    complaint, = complaints(soak(minutes, memory_mb=lambda t: 700 + rate * t), GrowthLimits())
    assert complaint.startswith('memory_mb grew by') and '20 is allowed' in complaint


@pytest.mark.parametrize('name', ['threads', 'handles'])
def test_one_more_thread_or_handle_is_found(name: str) -> None:
    complaint, = complaints(soak(20, **{name: lambda t: 30 + (t > 700)}), GrowthLimits())
    assert complaint == f'{name} grew by 1, 0 is allowed'
    assert complaints(soak(20, **{name: lambda t: 30 + (t > 700)}),
                      GrowthLimits(**{name: 1})) == []


def test_other_errors_are_reported() -> None:
    assert complaints(soak(20, processed=lambda t: 300 * (t not in (590, 600))),
                      GrowthLimits()) == ['nothing was processed for 20 s']
    assert complaints(soak(20, people=lambda t: 0), GrowthLimits()) == ['nobody was seen']
    assert '1 results did not' in complaints(
        soak(20, backward=lambda t: int(t == 500)), GrowthLimits())[0]


def test_too_little_to_judge_and_limits_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match='11 samples'):
        growth(soak(110 / 60))
    with pytest.raises(InputError, match='threads = -1'):
        GrowthLimits(threads=-1)
