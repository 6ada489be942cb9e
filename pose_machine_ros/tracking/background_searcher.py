# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Searches for new people on a thread of lower priority, beside the frames."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
import os
from queue import SimpleQueue
import sys
import threading
import time
from typing import NamedTuple
import weakref

from pose_machine_ros.devices import single_thread
from pose_machine_ros.tracking.searcher import Search

_NICENESS = 12  # of the thread, added to that of the process: a fifteenth of its weight
_STOP_SECONDS = 2.0  # for the current search
_Job = Callable[[], None]


class BackgroundSearcher:
    """Searches beside the frames while somebody is tracked, so that no frame waits for it.

    While nobody is tracked, it searches in the frame: nobody is delayed, and the first skeleton
    comes sooner.

    A search that took t seconds of CPU time is followed by a rest of at least t (1 / share - 1)
    seconds, which limits the share of a core that searches take. A slow machine therefore searches
    less often; it does not search in a larger part of its frames. CPU time, because a search that
    waits for a busy core takes nothing meanwhile, and somebody new may be waiting to be found.

    The thread starts with the first search in the background, sleeps between searches, and ends
    with `close` or with this object. The methods are called by one thread at a time.
    """

    in_background = True

    def __init__(self, clock: Callable[[], float] = time.monotonic,
                 cpu_clock: Callable[[], float] = time.thread_time) -> None:
        """Measure time with `clock`, and CPU time of the thread with `cpu_clock`, in seconds."""
        self._clock, self._cpu_clock = clock, cpu_clock
        self._answer: Future[_TimedSearch] | None = None
        self._is_busy = False  # whether the thread has a job, also one that `reset` discarded
        self._thread: threading.Thread | None = None
        self.reset()

    def reset(self) -> None:
        """Discard the result of the current search, and let the next one start at once."""
        self._answer = None
        self._took, self._ended = 0.0, float('-inf')  # of the last search, in seconds

    def is_free(self, followed: bool, share: float) -> bool:
        """Return whether a search may start, if searches may take `share` of the time.

        `followed` is whether anybody is tracked.
        """
        if self._answer is not None or followed and self._is_busy:
            return False
        return self._clock() >= self._ended + self._took * (1 / share - 1)

    def start(self, search: Callable[[], Search], followed: bool) -> None:
        """Start a search; if nobody is `followed`, it has ended when this returns."""
        self._answer = Future()
        if not followed:
            self._run(search, self._answer)
            return
        if self._thread is None:
            self._start_thread()
        self._is_busy = True
        self._jobs.put(partial(self._run, partial(self._search_beside, search), self._answer))

    def result(self) -> Search | None:
        """Return a search that has ended, once, or None; raises the error of one that failed."""
        if self._answer is None or not self._answer.done():
            return None
        search, self._took, self._ended = self._take_answer().result()
        return search

    def close(self) -> bool:
        """End the thread after its current search; return whether it has ended within 2 s.

        Another search starts another thread.
        """
        self.reset()
        if self._thread is None:
            return True
        self._end_thread()
        self._thread.join(_STOP_SECONDS)
        has_ended = not self._thread.is_alive()
        self._thread, self._is_busy = None, False
        return has_ended

    def _take_answer(self) -> Future[_TimedSearch]:
        answer, self._answer = self._answer, None
        return answer

    def _run(self, search: Callable[[], Search], answer: Future[_TimedSearch]) -> None:
        began = self._cpu_clock()
        try:
            found = search()
        except Exception as error:
            answer.set_exception(error)
            answer = None  # the traceback refers to this call: a cycle would keep device memory
        else:
            took = self._cpu_clock() - began
            answer.set_result(_TimedSearch(found, took, self._clock()))

    def _search_beside(self, search: Callable[[], Search]) -> Search:
        try:
            return single_thread(search)()
        finally:
            self._is_busy = False

    def _start_thread(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._end_thread = weakref.finalize(self, self._jobs.put, None)
        self._thread = threading.Thread(
            target=_work, args=(self._jobs,), name='detector', daemon=True)
        self._thread.start()


class _TimedSearch(NamedTuple):
    search: Search
    took: float  # seconds of CPU time
    ended: float  # by the clock, in seconds


def _work(jobs: SimpleQueue[_Job | None]) -> None:
    """Do all jobs until None comes, with lower priority."""
    if sys.platform == 'linux':  # where each thread has a priority of its own
        thread = threading.get_native_id()
        nice = os.getpriority(os.PRIO_PROCESS, thread)
        with suppress(OSError):  # where it is forbidden, the search goes on without it
            os.setpriority(os.PRIO_PROCESS, thread, min(nice + _NICENESS, 19))
    while (job := jobs.get()) is not None:
        job()
        del job  # it keeps a frame in memory
