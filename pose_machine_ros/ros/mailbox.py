# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A mailbox for one item: the newest wins, and what it displaces is counted."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar('T')


class Mailbox(Generic[T]):
    """Hands the newest item from any thread to one that waits for it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._woken = False
        self._received = 0
        self._dropped = 0

    def put(self, item: T) -> None:
        """Leave an item; one that nobody took yet is dropped. A closed mailbox takes none."""
        with self._condition:
            if self._closed:
                return
            self._received += 1
            self._dropped += self._item is not None
            self._item = item
            self._condition.notify()

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
