# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Counts and rates of an interval; no line without images."""

from __future__ import annotations

import math

from pose_machine_ros.ros.health.statistics import FrameStatistics


def test_rates_are_since_the_last_report() -> None:
    statistics = FrameStatistics('log')
    statistics.reset(100.0)
    for latency in (10.0, 20.0, 90.0):
        statistics.count_processed(latency, latency / 2, people=2)
    statistics.count_failed()
    assert statistics.summarize('log', 102.0, 20, 5).line() == (
        '10.0 images/s in, 1.5 processed/s, 5 dropped, 1 unusable, latency p50 20 ms, 2 people')
    statistics.count_processed(30.0, 15.0, people=0)
    assert statistics.summarize('log', 103.0, 21, 5).line() == (
        '1.0 images/s in, 1.0 processed/s, 0 dropped, latency p50 30 ms, 0 people')


def test_late_images_are_counted_apart() -> None:
    statistics = FrameStatistics('log')
    statistics.reset(0.0)
    for _ in range(3):
        statistics.count_late()
    summary = statistics.summarize('log', 1.0, 10, 1)
    assert (summary.late, summary.failed, summary.dropped) == (3, 0, 1)
    assert '1 dropped, 3 late' in summary.line()
    assert statistics.summarize('log', 2.0, 12, 1).late == 0
    statistics.count_late()
    statistics.reset(3.0)
    assert statistics.summarize('log', 4.0, 1, 0).late == 0


def test_silence_without_images() -> None:
    statistics = FrameStatistics('log')
    statistics.reset(0.0)
    summary = statistics.summarize('log', 10.0, 0, 0)
    assert summary.line() is None
    assert math.isnan(summary.latency_ms(95))
