# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The newest depth images, to find the one that belongs to a colour image."""

from __future__ import annotations

from collections import deque
import threading
import time
from typing import Generic, TypeVar

T = TypeVar('T')
_KEPT = 8  # images
_WAIT = 0.004  # seconds; a frame waits no longer for its depth
_ALIVE = 0.5  # seconds since the newest image, after which none is waited for


class DepthQueue(Generic[T]):
    """Keeps the newest items with their stamps, which come from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._items: deque[tuple[int, T]] = deque(maxlen=_KEPT)
        self._last_arrival = float('-inf')  # monotonic seconds
        self.received = 0

    @property
    def age(self) -> float:
        """Return the seconds since the newest item arrived; infinite if there was none."""
        return time.monotonic() - self._last_arrival

    def put(self, stamp_ns: int, item: T) -> None:
        """Add an item."""
        with self._condition:
            self._items.append((stamp_ns, item))
            self._last_arrival = time.monotonic()
            self.received += 1
            self._condition.notify_all()

    def find(self, stamp_ns: int, tolerance: float) -> T | None:
        """Return the item nearest to a stamp, None if none is within `tolerance` seconds.

        The item of that very stamp may come a little later than the colour image. So if all are
        older, and they do come, this waits for a few milliseconds.
        """
        with self._condition:
            if self._items and self.age < _ALIVE:
                self._condition.wait_for(
                    lambda: any(stamp >= stamp_ns for stamp, _ in self._items), _WAIT)
            if not self._items:
                return None
            stamp, item = min(self._items, key=lambda entry: abs(entry[0] - stamp_ns))
            return item if abs(stamp - stamp_ns) <= tolerance * 1e9 else None

    def clear(self) -> None:
        """Drop all items."""
        with self._condition:
            self._items.clear()
