# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How the node keeps up: rates and latency since the last report."""

from __future__ import annotations

import statistics
import threading


class FrameStatistics:
    """Counts frames from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latencies_ms: list[float] = []
        self._failed = 0
        self._people = 0
        self._last = (0.0, 0, 0)  # time, images received, images dropped at the last report

    def processed(self, latency_ms: float, people: int) -> None:
        """Count a frame whose results were published."""
        with self._lock:
            self._latencies_ms.append(latency_ms)
            self._people = people

    def failed(self) -> None:
        """Count a frame that could not be used."""
        with self._lock:
            self._failed += 1

    def start(self, now: float) -> None:
        """Begin to count; `now` in seconds of any clock that `report` is given too."""
        with self._lock:
            self._latencies_ms, self._failed = [], 0
            self._last = (now, 0, 0)

    def report(self, now: float, received: int, dropped: int) -> str | None:
        """Return a line on the time since the last report; None where no image came.

        `received` and `dropped` count images since `start`.
        """
        with self._lock:
            then, received_then, dropped_then = self._last
            self._last = (now, received, dropped)
            latencies, self._latencies_ms = self._latencies_ms, []
            failed, self._failed = self._failed, 0
            people = self._people
        if received == received_then:
            return None
        seconds = max(now - then, 1e-9)
        line = (f'{(received - received_then) / seconds:.1f} images/s in, '
                f'{len(latencies) / seconds:.1f} processed/s, {dropped - dropped_then} dropped')
        if failed:
            line += f', {failed} unusable'
        if latencies:
            line += f', latency p50 {statistics.median(latencies):.0f} ms, {people} people'
        return line
