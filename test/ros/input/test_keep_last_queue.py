# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The queue keeps the newest item and counts the dropped ones."""

from __future__ import annotations

import threading

from pose_machine_ros.ros.input.keep_last_queue import KeepLastQueue


def test_the_newest_wins_and_the_rest_is_counted() -> None:
    queue: KeepLastQueue[int] = KeepLastQueue()
    for item in range(5):
        queue.put(item)
    assert queue.get() == 4
    assert queue.counts == (5, 4)


def test_a_waiting_thread_is_woken_by_an_item_and_by_closing() -> None:
    queue: KeepLastQueue[int] = KeepLastQueue()
    taken = []

    def work() -> None:
        while (item := queue.get()) is not None:
            taken.append(item)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    queue.put(7)
    while not taken:
        worker.join(0.01)
    queue.close()
    worker.join(60)
    assert not worker.is_alive() and taken == [7]


def test_a_closed_queue_takes_and_returns_nothing() -> None:
    queue: KeepLastQueue[int] = KeepLastQueue()
    queue.put(1)
    queue.close()
    queue.put(2)
    assert queue.get() is None


def test_a_waiting_thread_can_be_woken_without_an_item() -> None:
    queue: KeepLastQueue[int] = KeepLastQueue()
    taken: list[int | None] = []
    worker = threading.Thread(target=lambda: taken.append(queue.get()), daemon=True)
    worker.start()
    queue.wake()
    worker.join(60)
    assert not worker.is_alive() and taken == [None] and not queue.is_closed
    queue.put(3)  # `wake` works once
    assert queue.get() == 3


def test_what_waits_can_be_dropped() -> None:
    queue: KeepLastQueue[int] = KeepLastQueue()
    queue.put(1)
    queue.clear()
    queue.clear()
    assert queue.counts == (1, 1)
    queue.put(2)
    assert queue.get() == 2


def test_an_older_item_displaces_nothing() -> None:
    queue: KeepLastQueue[int] = KeepLastQueue(lambda item, waiting: item < waiting)
    assert queue.put(5) is None
    assert queue.put(3) == 5
    assert queue.counts == (2, 0)
    assert queue.put(6) is None and queue.counts == (3, 1)
    assert queue.get() == 6
    assert queue.put(1) is None and queue.get() == 1  # nothing newer is queued
