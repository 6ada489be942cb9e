# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A thread-safe queue of depth one, like the QoS history KEEP_LAST 1."""

from __future__ import annotations

from collections.abc import Callable
import threading
from typing import Generic, TypeVar

T = TypeVar('T')


class KeepLastQueue(Generic[T]):
    """Passes the newest item from any thread to one that waits for it; counts dropped items."""

    def __init__(self, is_older: Callable[[T, T], bool] = lambda item, queued: False) -> None:
        """Start empty; an item for which `is_older(item, queued)` is true replaces nothing."""
        self._is_older = is_older
        self._condition = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._woken = False
        self._received = 0
        self._dropped = 0

    def put(self, item: T) -> T | None:
        """Queue an item and drop the queued one; a closed queue ignores it.

        Returns the queued item if `item` is older and therefore not queued, else None.
        """
        with self._condition:
            if self._closed:
                return None
            self._received += 1
            if self._item is not None and self._is_older(item, self._item):
                return self._item
            self._dropped += self._item is not None
            self._item = item
            self._condition.notify()
            return None

    def get(self) -> T | None:
        """Wait for an item and remove it; None after `wake` and once the queue is closed."""
        with self._condition:
            self._condition.wait_for(
                lambda: self._closed or self._woken or self._item is not None)
            item, self._item, self._woken = self._item, None, False
            return item

    def wake(self) -> None:
        """Let the waiting thread return from `get`, once, also without an item."""
        with self._condition:
            self._woken = True
            self._condition.notify()

    def clear(self) -> None:
        """Drop the queued item."""
        with self._condition:
            self._dropped += self._item is not None
            self._item = None

    def close(self) -> None:
        """Let every `get` return None from now on, and ignore further items."""
        with self._condition:
            self._closed = True
            self._item = None
            self._condition.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether the queue is closed permanently."""
        return self._closed

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many items were received and dropped so far."""
        with self._condition:
            return self._received, self._dropped
