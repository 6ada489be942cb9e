# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How the node keeps up: rates and latency since the last look."""

from __future__ import annotations

from dataclasses import dataclass
import threading

import numpy as np


@dataclass(frozen=True)
class FrameSummary:
    """What happened to the images of some seconds."""

    seconds: float
    received: int
    dropped: int  # displaced by newer ones before they were worked on
    failed: int  # not usable
    latencies_ms: tuple[float, ...]  # image stamp to publication, of those processed
    people: int  # in the newest frame
    inferences_ms: tuple[float, ...]  # of these, the time in the networks and the correction
    late: int = 0  # older than an image before them, and so not used

    def latency_ms(self, percent: float) -> float:
        """Return a percentile of the latency; NaN where nothing was processed."""
        return _percentile(self.latencies_ms, percent)

    def inference_ms(self, percent: float) -> float:
        """Return a percentile of the inference time; NaN where nothing was processed."""
        return _percentile(self.inferences_ms, percent)

    def line(self) -> str | None:
        """Return all in a line; None where no image came."""
        if not self.received:
            return None
        line = (f'{self.received / self.seconds:.1f} images/s in, '
                f'{len(self.latencies_ms) / self.seconds:.1f} processed/s, {self.dropped} dropped')
        if self.late:
            line += f', {self.late} late'
        if self.failed:
            line += f', {self.failed} unusable'
        if self.latencies_ms:
            line += f', latency p50 {self.latency_ms(50):.0f} ms, {self.people} people'
        return line


class FrameStatistics:
    """Counts frames from any thread, and tells how they went since it was last asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latencies_ms: list[float] = []
        self._inferences_ms: list[float] = []
        self._failed = self._late = 0
        self._people = 0
        self._last = (0.0, 0, 0)  # time, images received, images dropped when last asked

    def processed(self, latency_ms: float, inference_ms: float, people: int) -> None:
        """Count a frame whose results were published."""
        with self._lock:
            self._latencies_ms.append(latency_ms)
            self._inferences_ms.append(inference_ms)
            self._people = people

    def failed(self) -> None:
        """Count a frame that could not be used."""
        with self._lock:
            self._failed += 1

    def late(self) -> None:
        """Count a frame that came after a newer one."""
        with self._lock:
            self._late += 1

    def forget(self) -> None:
        """Take nobody for present, until the next frame."""
        with self._lock:
            self._people = 0

    def start(self, now: float) -> None:
        """Begin to count; `now` in seconds of any clock that `take` is given too."""
        with self._lock:
            self._latencies_ms, self._inferences_ms = [], []
            self._failed = self._late = self._people = 0
            self._last = (now, 0, 0)

    def take(self, now: float, received: int, dropped: int) -> FrameSummary:
        """Return the figures since the last call, and begin anew.

        `received` and `dropped` count images since `start`.
        """
        with self._lock:
            then, received_then, dropped_then = self._last
            self._last = (now, received, dropped)
            latencies, self._latencies_ms = self._latencies_ms, []
            inferences, self._inferences_ms = self._inferences_ms, []
            failed, self._failed = self._failed, 0
            late, self._late = self._late, 0
            return FrameSummary(max(now - then, 1e-9), received - received_then,
                                dropped - dropped_then, failed, tuple(latencies), self._people,
                                tuple(inferences), late)


def _percentile(values: tuple[float, ...], percent: float) -> float:
    return float(np.percentile(values, percent)) if values else float('nan')
