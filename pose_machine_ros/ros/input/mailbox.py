# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A mailbox for one item: the newest is kept, and what it displaces is counted."""

from __future__ import annotations

from collections.abc import Callable
import threading
from typing import Generic, TypeVar

T = TypeVar('T')


class Mailbox(Generic[T]):
    """Hands the newest item from any thread to one that waits for it."""

    def __init__(self, is_older: Callable[[T, T], bool] = lambda item, waiting: False) -> None:
        """Begin empty; an item for which `is_older(item, waiting)` holds displaces nothing."""
        self._is_older = is_older
        self._condition = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._woken = False
        self._received = 0
        self._dropped = 0

    def put(self, item: T) -> T | None:
        """Leave an item; one that nobody took yet is dropped. A closed mailbox takes none.

        Returns the item that waits and stays where `item` is older than that; None otherwise.
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

    def take(self) -> T | None:
        """Wait for an item and take it; None once the mailbox is closed, and after `wake`."""
        with self._condition:
            self._condition.wait_for(
                lambda: self._closed or self._woken or self._item is not None)
            item, self._item, self._woken = self._item, None, False
            return item

    def wake(self) -> None:
        """Let the one that waits go on without an item."""
        with self._condition:
            self._woken = True
            self._condition.notify()

    def clear(self) -> None:
        """Drop the item that nobody took yet."""
        with self._condition:
            self._dropped += self._item is not None
            self._item = None

    def close(self) -> None:
        """Wake who waits, for good."""
        with self._condition:
            self._closed = True
            self._item = None
            self._condition.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether nothing will come any more."""
        return self._closed

    @property
    def counts(self) -> tuple[int, int]:
        """Items received and dropped so far."""
        with self._condition:
            return self._received, self._dropped
