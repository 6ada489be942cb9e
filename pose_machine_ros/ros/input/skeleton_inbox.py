# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A thread-safe queue with the newest result of each of several pose nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import threading
import time
from typing import Any


@dataclass(frozen=True)
class Receipt:
    """A result, and when it was received."""

    source: str  # topic
    result: Any  # CameraResult, or a serialized Skeleton3DArray
    at: float  # monotonic seconds
    clock_ns: int  # the same moment by the clock of the node


class SkeletonInbox:
    """Passes results from any thread to one that waits for them: the newest one of each source."""

    def __init__(self) -> None:
        """Start closed: results are ignored until `open`."""
        self.is_wanted = False  # whether results are accepted while it is open
        self._condition = threading.Condition()
        self._is_open = self._woken = False
        self._clock: Callable[[], int] = time.time_ns
        self._receipts: dict[str, Receipt] = {}  # by source, oldest first
        self._arrivals: dict[str, float] = {}  # monotonic seconds
        self._received = self._dropped = 0
        self._since = time.monotonic()

    def open(self, clock: Callable[[], int]) -> None:
        """Accept results from now on; `clock` returns the time of the node in nanoseconds."""
        with self._condition:
            self._is_open, self._clock = True, clock
            self._receipts.clear()
            self._received = self._dropped = 0

    def close(self) -> None:
        """Ignore results from now on, and let every `get` return at once."""
        with self._condition:
            self._is_open = False
            self._receipts.clear()
            self._condition.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether results are ignored."""
        return not self._is_open

    def put(self, source: str, result: Any) -> None:
        """Queue a result; it replaces one of the same source that waits."""
        if not (self._is_open and self.is_wanted):
            return
        at, clock_ns = time.monotonic(), self._clock()
        with self._condition:
            if not self._is_open:
                return
            self._received += 1
            self._dropped += self._receipts.pop(source, None) is not None
            self._receipts[source] = Receipt(source, result, at, clock_ns)
            self._arrivals[source] = at
            self._condition.notify()

    def get(self, timeout: float | None = None) -> list[Receipt]:
        """Wait for results and remove them, oldest first.

        Returns none after `timeout` seconds, after `wake`, and while it is closed.
        """
        with self._condition:
            self._condition.wait_for(
                lambda: not self._is_open or self._woken or self._receipts, timeout)
            receipts, self._woken = list(self._receipts.values()), False
            self._receipts.clear()
            return receipts

    def wake(self) -> None:
        """Let the waiting thread return from `get`, once, also without results."""
        with self._condition:
            self._woken = True
            self._condition.notify()

    def expect_gap(self) -> None:
        """Drop what waits, and count the age of every source from now on."""
        with self._condition:
            self._dropped += len(self._receipts)
            self._receipts.clear()
            self._arrivals.clear()
            self._since = time.monotonic()

    def age(self, source: str) -> float:
        """Return the seconds since the newest result of a source, or since `expect_gap`."""
        return time.monotonic() - self._arrivals.get(source, self._since)

    def has_heard(self, source: str) -> bool:
        """Return whether a source has delivered since `expect_gap`."""
        return source in self._arrivals

    @property
    def counts(self) -> tuple[int, int]:
        """Number of results received, and of those that were replaced before they were used."""
        with self._condition:
            return self._received, self._dropped
