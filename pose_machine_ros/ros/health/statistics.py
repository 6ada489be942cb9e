# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Counts, rates and latency of the frames of an interval."""

from __future__ import annotations

from dataclasses import dataclass, field
import threading

import numpy as np


@dataclass(frozen=True)
class FrameSummary:
    """Statistics of the images of one interval."""

    seconds: float
    received: int
    dropped: int  # replaced by newer images before they were processed
    failed: int  # not usable
    latencies_ms: tuple[float, ...]  # image stamp to publication, of each processed image
    people: int  # in the newest frame
    inferences_ms: tuple[float, ...]  # time in the networks and the correction, of the same images
    late: int = 0  # older than an earlier image, and therefore not used

    def latency_ms(self, percent: float) -> float:
        """Return a percentile of the latency; NaN if no image was processed."""
        return _percentile(self.latencies_ms, percent)

    def inference_ms(self, percent: float) -> float:
        """Return a percentile of the inference time; NaN if no image was processed."""
        return _percentile(self.inferences_ms, percent)

    def line(self, what: str = 'images') -> str | None:
        """Return the summary as one line; None if nothing arrived. `what` names what arrives."""
        if not self.received:
            return None
        line = (f'{self.received / self.seconds:.1f} {what}/s in, '
                f'{len(self.latencies_ms) / self.seconds:.1f} processed/s, {self.dropped} dropped')
        if self.late:
            line += f', {self.late} late'
        if self.failed:
            line += f', {self.failed} unusable'
        if self.latencies_ms:
            line += f', latency p50 {self.latency_ms(50):.0f} ms, {self.people} people'
        return line


@dataclass
class _Interval:
    """Counts since a reader's last summary."""

    start: float  # seconds
    received: int  # images before the start
    dropped: int
    failed: int = 0
    late: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    inferences_ms: list[float] = field(default_factory=list)


class FrameStatistics:
    """Counts frames, from any thread, for several readers with an interval of their own each."""

    def __init__(self, *readers: str) -> None:
        """Start all intervals at time 0."""
        self._lock = threading.Lock()
        self._people = 0
        self._intervals = {reader: _Interval(0.0, 0, 0) for reader in readers}

    def reset(self, now: float) -> None:
        """Start all intervals at `now`, in seconds of the clock used for `summarize`."""
        with self._lock:
            self._people = 0
            for reader in self._intervals:
                self._intervals[reader] = _Interval(now, 0, 0)

    def count_processed(self, latency_ms: float, inference_ms: float, people: int) -> None:
        """Count a frame whose results were published."""
        with self._lock:
            self._people = people
            for interval in self._intervals.values():
                interval.latencies_ms.append(latency_ms)
                interval.inferences_ms.append(inference_ms)

    def count_failed(self) -> None:
        """Count a frame that could not be used."""
        with self._lock:
            for interval in self._intervals.values():
                interval.failed += 1

    def count_late(self) -> None:
        """Count a frame that is older than an earlier one."""
        with self._lock:
            for interval in self._intervals.values():
                interval.late += 1

    def clear_people(self) -> None:
        """Set the number of people to zero until the next frame."""
        with self._lock:
            self._people = 0

    def summarize(self, reader: str, now: float, received: int, dropped: int) -> FrameSummary:
        """Return the statistics since the reader's last call, and start its next interval.

        `received` and `dropped` count images since `reset`.
        """
        with self._lock:
            last = self._intervals[reader]
            self._intervals[reader] = _Interval(now, received, dropped)
            return FrameSummary(
                max(now - last.start, 1e-9), received - last.received, dropped - last.dropped,
                last.failed, tuple(last.latencies_ms), self._people, tuple(last.inferences_ms),
                last.late)


def _percentile(values: tuple[float, ...], percent: float) -> float:
    return float(np.percentile(values, percent)) if values else float('nan')
