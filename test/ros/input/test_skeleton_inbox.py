# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time

import pytest

from pose_machine_ros.ros.input.skeleton_inbox import SkeletonInbox


@pytest.fixture
def inbox() -> SkeletonInbox:
    made = SkeletonInbox()
    made.open(lambda: 7)
    made.is_wanted = True
    return made


def test_the_newest_of_each_source_comes_in_the_order_of_receipt(inbox: SkeletonInbox) -> None:
    for source, result in (('a', 1), ('b', 2), ('a', 3)):
        inbox.put(source, result)
    assert [(r.source, r.result, r.clock_ns) for r in inbox.get(0)] == [('b', 2, 7), ('a', 3, 7)]
    assert inbox.counts == (3, 1) and inbox.get(0) == []


def test_a_thread_that_waits_is_woken_by_a_result_and_by_the_end(inbox: SkeletonInbox) -> None:
    got: list[list] = []
    thread = threading.Thread(target=lambda: got.extend(inbox.get() for _ in range(3)))
    thread.start()
    inbox.put('a', 1)
    while not got:
        time.sleep(0.001)
    inbox.wake()
    while len(got) < 2:
        time.sleep(0.001)
    inbox.close()
    thread.join(10)
    assert not thread.is_alive() and [len(g) for g in got] == [1, 0, 0]


def test_nothing_is_taken_while_it_is_closed_or_not_wanted(inbox: SkeletonInbox) -> None:
    inbox.is_wanted = False
    inbox.put('a', 1)
    inbox.is_wanted = True
    inbox.close()
    inbox.put('a', 1)
    inbox.open(lambda: 7)
    assert inbox.get(0) == [] and inbox.counts == (0, 0)


def test_the_age_of_a_source_starts_anew_after_a_pause(inbox: SkeletonInbox) -> None:
    inbox.put('a', 1)
    assert inbox.has_heard('a') and not inbox.has_heard('b')
    inbox.expect_gap()
    assert not inbox.has_heard('a') and inbox.age('a') < 1.0 and inbox.get(0) == []
