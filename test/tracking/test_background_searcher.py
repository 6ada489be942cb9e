# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Searches on a thread of their own: priority, share of the time, errors, end of the thread."""

import gc
import os
import sys
import threading
import time
import weakref

import numpy as np
import pytest

from pose_machine_ros.tracking.background_searcher import BackgroundSearcher
from pose_machine_ros.tracking.multi_scale import DetectionPass
from pose_machine_ros.tracking.searcher import Search

FOUND = Search(1, [DetectionPass.FINE], [])


class Clock:
    """A clock that stands still unless it is told the time."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def searcher():
    made = BackgroundSearcher()
    yield made
    made.close()


def wait_for(searcher):
    """Return the result of the running search."""
    for _ in range(10_000):
        if (found := searcher.result()) is not None:
            return found
        time.sleep(0.001)
    raise AssertionError('the search does not end')


def detector_threads():
    return [t for t in threading.enumerate() if t.name == 'detector']


def test_somebody_followed_is_searched_for_on_another_thread_of_lower_priority(searcher):
    ran = []

    def search():
        priority = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        ran.append((threading.current_thread(), priority))
        return FOUND

    searcher.start(search, followed=True)
    assert wait_for(searcher) is FOUND and searcher.result() is None
    thread, priority = ran[0]
    assert thread is not threading.current_thread()
    if sys.platform == 'linux':
        assert priority > os.getpriority(os.PRIO_PROCESS, 0) or priority == 19


def test_while_nobody_is_followed_the_search_has_ended_at_once(searcher):
    threads = []
    searcher.start(lambda: threads.append(threading.current_thread()) or FOUND, followed=False)
    assert searcher.result() is FOUND and searcher.result() is None
    assert threads == [threading.current_thread()] and not detector_threads()


def test_only_one_search_runs_at_a_time_and_a_reset_discards_it(searcher):
    may_end = threading.Event()

    def search():
        assert may_end.wait(30)
        return FOUND

    searcher.start(search, followed=True)
    assert not searcher.is_free(True, 0.2) and not searcher.is_free(False, 0.5)
    searcher.reset()
    assert not searcher.is_free(True, 0.2)  # the thread is busy
    assert searcher.is_free(False, 0.5)  # and nobody needs it
    may_end.set()
    other = Search(2, [DetectionPass.COARSE], [])
    for _ in range(10_000):
        if searcher.is_free(True, 0.2):
            break
        time.sleep(0.001)
    assert searcher.result() is None
    searcher.start(lambda: other, followed=True)
    assert wait_for(searcher) is other


@pytest.mark.parametrize('frame', (0.01, 0.1, 0.4))
@pytest.mark.parametrize('followed, share', [(True, 0.2), (False, 0.5)])
def test_searches_take_a_limited_share_of_the_time_at_any_speed(followed, share, frame):
    clock, rng = Clock(), np.random.default_rng(0)
    searcher = BackgroundSearcher(clock, clock)
    taken, count, took = 0.0, 0, []

    def search():
        took.append(rng.uniform(0.02, 0.2))
        clock.seconds += took[-1]
        return FOUND

    while clock.seconds < 60:
        clock.seconds += frame
        if searcher.is_free(followed, share):
            searcher.start(search, followed)
            wait_for(searcher)
    taken, count = sum(took), len(took)
    searcher.close()
    assert taken <= share * (clock.seconds + 0.2 / share)
    assert taken >= share * (clock.seconds - count * frame) - 0.2  # and not less than it may


def test_a_search_that_waited_for_a_busy_core_is_not_followed_by_a_long_rest():
    clock, cpu = Clock(), Clock()
    searcher = BackgroundSearcher(clock, cpu)

    def starved():
        clock.seconds += 1.0
        cpu.seconds += 0.04
        return FOUND

    searcher.start(starved, followed=True)
    wait_for(searcher)
    clock.seconds += 0.15
    assert not searcher.is_free(True, 0.2)
    clock.seconds += 0.02
    assert searcher.is_free(True, 0.2)
    searcher.close()


def test_an_error_is_raised_once_and_the_next_search_is_fine(searcher):
    def fails():
        raise RuntimeError('broken')

    searcher.start(fails, followed=True)
    with pytest.raises(RuntimeError, match='broken'):
        wait_for(searcher)
    assert searcher.is_free(True, 0.2) and searcher.result() is None
    searcher.start(lambda: FOUND, followed=True)
    assert wait_for(searcher) is FOUND


def test_what_a_search_needed_is_freed(searcher):
    for fails in (False, True):
        image = np.zeros((8, 8, 3), np.uint8)
        alive = weakref.ref(image)

        def search(frame=image):
            assert not fails, frame.shape
            return FOUND

        searcher.start(search, followed=True)
        del image, search
        gc.disable()  # no cycle may keep it either
        try:
            wait_for(searcher)
        except AssertionError:
            assert fails
        finally:
            gc.enable()
        for _ in range(10_000):
            if alive() is None:
                break
            time.sleep(0.001)  # the thread lets go of its job a moment after the answer
        assert alive() is None


def test_the_thread_ends_with_close_and_with_its_owner():
    for end in ('close', 'forget'):
        searcher = BackgroundSearcher()
        searcher.start(lambda: FOUND, followed=True)
        thread, = detector_threads()
        if end == 'close':
            searcher.close()
            assert not thread.is_alive()
            searcher.start(lambda: FOUND, followed=True)  # goes on with another thread
            assert wait_for(searcher) is FOUND
            thread, = detector_threads()
        del searcher
        gc.collect()
        thread.join(10)
        assert not thread.is_alive()
