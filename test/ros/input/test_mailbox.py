# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The mailbox: the newest wins, and the rest is counted."""

from __future__ import annotations

import threading

from pose_machine_ros.ros.input.mailbox import Mailbox


def test_the_newest_wins_and_the_rest_is_counted() -> None:
    mailbox: Mailbox[int] = Mailbox()
    for item in range(5):
        mailbox.put(item)
    assert mailbox.take() == 4
    assert mailbox.counts == (5, 4)


def test_who_waits_is_woken_by_an_item_and_by_the_end() -> None:
    mailbox: Mailbox[int] = Mailbox()
    taken = []

    def work() -> None:
        while (item := mailbox.take()) is not None:
            taken.append(item)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    mailbox.put(7)
    while not taken:
        worker.join(0.01)
    mailbox.close()
    worker.join(60)
    assert not worker.is_alive() and taken == [7]


def test_a_closed_mailbox_takes_and_gives_nothing() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    mailbox.close()
    mailbox.put(2)
    assert mailbox.take() is None


def test_who_waits_can_be_woken_without_an_item() -> None:
    mailbox: Mailbox[int] = Mailbox()
    taken: list[int | None] = []
    worker = threading.Thread(target=lambda: taken.append(mailbox.take()), daemon=True)
    worker.start()
    mailbox.wake()
    worker.join(60)
    assert not worker.is_alive() and taken == [None] and not mailbox.is_closed
    mailbox.put(3)  # it was woken once, not for good
    assert mailbox.take() == 3


def test_what_waits_can_be_dropped() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    mailbox.clear()
    mailbox.clear()
    assert mailbox.counts == (1, 1)
    mailbox.put(2)
    assert mailbox.take() == 2


def test_an_older_item_displaces_nothing() -> None:
    mailbox: Mailbox[int] = Mailbox(lambda item, waiting: item < waiting)
    assert mailbox.put(5) is None
    assert mailbox.put(3) == 5
    assert mailbox.counts == (2, 0)
    assert mailbox.put(6) is None and mailbox.counts == (3, 1)
    assert mailbox.take() == 6
    assert mailbox.put(1) is None and mailbox.take() == 1  # nothing newer waits
