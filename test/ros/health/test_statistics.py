# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The report: rates over the time since the last one, and silence where nothing came."""

from __future__ import annotations

import math

from pose_machine_ros.ros.health.statistics import FrameStatistics


def test_rates_are_since_the_last_report() -> None:
    statistics = FrameStatistics()
    statistics.start(100.0)
    for latency in (10.0, 20.0, 90.0):
        statistics.processed(latency, latency / 2, people=2)
    statistics.failed()
    assert statistics.take(102.0, 20, 5).line() == (
        '10.0 images/s in, 1.5 processed/s, 5 dropped, 1 unusable, latency p50 20 ms, 2 people')
    statistics.processed(30.0, 15.0, people=0)
    assert statistics.take(103.0, 21, 5).line() == (
        '1.0 images/s in, 1.0 processed/s, 0 dropped, latency p50 30 ms, 0 people')


def test_late_images_are_counted_apart() -> None:
    statistics = FrameStatistics()
    statistics.start(0.0)
    for _ in range(3):
        statistics.late()
    figures = statistics.take(1.0, 10, 1)
    assert (figures.late, figures.failed, figures.dropped) == (3, 0, 1)
    assert '1 dropped, 3 late' in figures.line()
    assert statistics.take(2.0, 12, 1).late == 0
    statistics.late()
    statistics.start(3.0)
    assert statistics.take(4.0, 1, 0).late == 0


def test_silence_without_images() -> None:
    statistics = FrameStatistics()
    statistics.start(0.0)
    figures = statistics.take(10.0, 0, 0)
    assert figures.line() is None
    assert math.isnan(figures.latency_ms(95))
