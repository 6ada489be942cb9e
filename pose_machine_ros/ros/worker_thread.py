# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A thread that processes what a queue holds, and survives what cannot be processed."""

from __future__ import annotations

import threading
import time
import traceback
from typing import Any, Protocol

from rclpy.impl.rcutils_logger import RcutilsLogger

from pose_machine_ros.errors import LateFrameError, PoseMachineError
from pose_machine_ros.ros.health.statistics import FrameStatistics

# Seconds between two log lines of one call of `error`: a faulty camera fails with every image.
# rclpy throttles each call on its own, so that none hides another.
_ERROR_PERIOD = 5.0


class Queue(Protocol):
    """What a WorkerThread takes its items from."""

    @property
    def is_closed(self) -> bool: ...

    def wake(self) -> None: ...

    def close(self) -> None: ...


class WorkerThread:
    """Processes the newest items repeatedly, in its own thread.

    Subclasses override `_next`, `_process`, `_reset` and `_recover`. An item that cannot be used is
    logged and counted, and the next one is processed.
    """

    def __init__(self, name: str, logger: RcutilsLogger, queue: Queue,
                 statistics: FrameStatistics, failure: str) -> None:
        """Make the thread; `failure` begins the log line of an item that cannot be used."""
        self.is_enabled = True  # False: discard the result of the current item
        self._logger = logger
        self._queue = queue
        self._statistics = statistics
        self._failure = failure
        self._must_reset = threading.Event()
        self._began: float | None = None  # monotonic seconds; of the current item
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def busy_seconds(self) -> float:
        """Seconds that the current item has taken so far; 0 if there is none."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Close the queue and wait for the current item.

        Returns whether the thread has ended, or never started, within `timeout` seconds.
        """
        self._queue.close()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def forget_people(self) -> None:
        """Reset before the next item; the thread may be processing one now."""
        self._must_reset.set()
        self._queue.wake()

    def _run(self) -> None:
        while not self._queue.is_closed:
            item = self._next()
            try:
                if self._must_reset.is_set() and not self._queue.is_closed:
                    self._must_reset.clear()
                    self._reset()
                if item is not None:
                    self._began = time.monotonic()
                    self._process(item)
            except LateFrameError as error:
                self.report_late(error)
            except PoseMachineError as error:
                self._statistics.count_failed()
                self._logger.error(f'{self._failure}: {error}', throttle_duration_sec=_ERROR_PERIOD)
            except Exception:  # the next item may be fine, and the robot depends on this node
                self._statistics.count_failed()
                self._recover()
                self._logger.error(f'{self._failure}: {traceback.format_exc()}',
                                   throttle_duration_sec=_ERROR_PERIOD)
            finally:
                self._began = None

    def report_late(self, error: LateFrameError) -> None:
        """Count an item that is older than another one."""
        self._statistics.count_late()

    def _next(self) -> Any:
        """Wait for an item and return it; None after `wake` and `close` of the queue."""
        raise NotImplementedError

    def _process(self, item: Any) -> None:
        """Process an item and publish the result."""
        raise NotImplementedError

    def _reset(self) -> None:
        """Forget all people."""
        raise NotImplementedError

    def _recover(self) -> None:
        """Drop a state that may include half of the current item."""
        raise NotImplementedError
