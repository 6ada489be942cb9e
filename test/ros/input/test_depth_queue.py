# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import threading
import time

from pose_machine_ros.ros.input.depth_queue import DepthQueue

MS = 10**6


def test_the_nearest_within_the_tolerance_is_found():
    queue = DepthQueue()
    for stamp in (0, 33, 66):
        queue.put(stamp * MS, stamp)
    assert queue.find(30 * MS, 0.02) == 33
    assert queue.find(66 * MS, 0.02) == 66
    assert queue.find(100 * MS, 0.02) is None
    assert queue.received == 3


def test_depth_that_comes_a_little_later_is_waited_for_and_no_longer():
    queue = DepthQueue()
    queue.put(0, 'old')
    threading.Timer(0.002, lambda: queue.put(33 * MS, 'new')).start()
    deadline = time.monotonic() + 5
    found = queue.find(33 * MS, 0.05)
    while found != 'new' and time.monotonic() < deadline:  # on a busy machine it comes later
        found = queue.find(33 * MS, 0.05)
    assert found == 'new'
    began = time.monotonic()
    assert queue.find(66 * MS, 0.01) is None
    assert time.monotonic() - began < 0.5


def test_an_empty_queue_and_a_cleared_one_find_nothing():
    queue = DepthQueue()
    assert queue.find(0, 1.0) is None and queue.age == float('inf')
    queue.put(0, 'x')
    queue.clear()
    assert queue.find(0, 1.0) is None
