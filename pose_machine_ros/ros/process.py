# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node as a process that ends in an orderly way."""

from __future__ import annotations

from collections.abc import Callable
import gc
import signal
import sys
import threading
from typing import Protocol

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from pose_machine_ros.errors import PoseMachineError

_WAKE_SECONDS = 0.1  # a signal is noticed when the executor's wait returns


class RunnableNode(Protocol):
    """A node with the transitions of a lifecycle, as plain methods."""

    def configure(self) -> None: ...

    def activate(self) -> None: ...

    def deactivate(self) -> None: ...

    def cleanup(self) -> None: ...

    def destroy_node(self) -> None: ...


def run_node(create: Callable[[], RunnableNode], args: list[str] | None = None,
             is_done: Callable[[RunnableNode], bool] = lambda node: False) -> int:
    """Run a node until SIGINT, SIGTERM or `is_done`; returns the exit status.

    rclpy's own signal handlers would shut its context down at once, and what a node still has to
    say (markers to delete) would be lost. A second signal must not break into the clean-up either.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    node = None
    try:
        node = create()
        node.configure()
        # What was loaded so far stays: looking through it for garbage would halt every thread for
        # a moment now and then, and keep the process from ending for a second.
        gc.collect()
        gc.freeze()
        if not stop.is_set():
            node.activate()
            executor = SingleThreadedExecutor()
            executor.add_node(node)
            while not stop.is_set() and not is_done(node):
                executor.spin_once(timeout_sec=_WAKE_SECONDS)
            executor.shutdown()
            node.deactivate()
        node.cleanup()
    except PoseMachineError as error:
        print(f'error: {error}', file=sys.stderr, flush=True)
        return 1
    finally:
        if node is not None:
            node.destroy_node()
        rclpy.shutdown()
    return 0
