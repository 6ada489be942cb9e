# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes as a process that ends in an orderly way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
import faulthandler
import gc
import re
import signal
import sys
import traceback
from typing import Protocol

import rclpy
from rclpy.exceptions import (
    InvalidParameterTypeException, NameValidationException, ParameterException)
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.signals import SignalHandlerOptions

from pose_machine_ros.errors import InputError, PoseMachineError
from pose_machine_ros.ros.runtime.overrides import warn_of_unknown, warn_of_unread
from pose_machine_ros.ros.runtime.parameter_files import parameter_files, ParameterFile

_WAKE_SECONDS = 0.1  # a signal is noticed when the executor's wait returns
_END_SECONDS = 5.0  # from a signal to the end by force; `ros2 launch` then sends the next signal
_ERROR_PERIOD = 5.0
# What making a node raises where its name or a parameter can not be used; RuntimeError is of rcl.
_UNUSABLE = (InputError, ParameterException, NameValidationException, RuntimeError)
_TYPES = "; write a DOUBLE like 1.0, an INTEGER like 1, a STRING like '1', a BOOL like true"


class RunnableNode(Protocol):
    """A node with the transitions of a lifecycle, as plain methods."""

    def configure(self) -> None: ...

    def activate(self) -> None: ...

    def deactivate(self) -> None: ...

    def cleanup(self) -> None: ...

    def destroy_node(self) -> None: ...

    def get_logger(self) -> RcutilsLogger: ...


class StopSignals:
    """SIGINT and SIGTERM, from now on, as a flag.

    rclpy's own handlers would shut its context down at once, and what a node still has to say
    (markers to delete) would be lost. A second signal must not break into the clean-up either. Code
    that hangs is ended by force, and shows where it hung.
    """

    def __init__(self) -> None:
        self.came = False
        self._breaks_in = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    @contextmanager
    def break_in(self) -> Iterator[None]:
        """Let a signal end the block, and what follows it in the same `try`, with a StopRequest.

        For what takes long and leaves nothing to say.
        """
        self._breaks_in = True
        try:
            yield
        except Exception:
            if not self.came:
                raise
            # Compiled code takes the request for a failure of its own and raises what it likes.
            raise StopRequest from None
        finally:
            self._breaks_in = False

    def _handle(self, *_: object) -> None:
        if not self.came:
            self.came = True
            faulthandler.dump_traceback_later(_END_SECONDS, exit=True)
        if self._breaks_in:
            self._breaks_in = False
            raise StopRequest


class StopRequest(BaseException):
    """A signal came; not an Exception, so that nobody takes it for a failure of their own."""


def run_node(create: Callable[[], RunnableNode], args: list[str] | None = None,
             is_done: Callable[[RunnableNode], bool] = lambda node: False) -> int:
    """Run a node until SIGINT, SIGTERM or `is_done`; returns the exit status."""
    return run_nodes(lambda: [create()], args, is_done)


def run_nodes(create: Callable[[], Iterable[RunnableNode]], args: list[str] | None = None,
              is_done: Callable[[RunnableNode], bool] = lambda node: False) -> int:
    """Run nodes until SIGINT, SIGTERM or `is_done` of one; returns the exit status.

    Each has a thread of its own: one that loads or ends holds up no other.
    """
    stop = StopSignals()
    nodes: list[RunnableNode] = []
    try:
        with stop.break_in():
            files = parameter_files(sys.argv if args is None else args)
            _start_rclpy(args)
            try:
                for node in _created(create, files):
                    nodes.append(node)
                    warn_of_unknown(node)
                    node.configure()
            finally:  # a section that is not read may be why a node can not be configured
                warn_of_unread(files, nodes)
            # What was loaded so far stays: looking through it for garbage would halt every thread
            # for a moment now and then, and keep the process from ending for a second.
            gc.collect()
            gc.freeze()
        if not stop.came:
            for node in nodes:
                node.activate()

            def live(node: RunnableNode) -> None:
                _spin(node, lambda: stop.came or any(is_done(n) for n in nodes))
                node.deactivate()
            with ThreadPoolExecutor(len(nodes)) as threads:
                others = [threads.submit(live, node) for node in nodes[1:]]
                live(nodes[0])  # a node alone stays in the thread that it was made in
                for other in others:
                    other.result()
        for node in nodes:
            node.cleanup()
    except StopRequest:
        pass
    except (PoseMachineError, ParameterException) as error:
        print(f'error: {error}', file=sys.stderr, flush=True)
        return 1
    finally:
        for node in nodes:
            node.destroy_node()
        rclpy.try_shutdown()
    return 0


def _start_rclpy(args: list[str] | None) -> None:
    """Start rclpy without signal handlers; arguments that it can't use raise InputError."""
    try:
        rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    except Exception as error:  # of many types, which differ between distributions
        raise InputError(f'ROS can not start, look at what follows --ros-args: '
                         f'{_in_one_line(error)}') from error


def _created(create: Callable[[], Iterable[RunnableNode]],
             files: Sequence[ParameterFile]) -> Iterator[RunnableNode]:
    """Yield the nodes that `create` makes; a name or parameter that is unusable is InputError."""
    try:
        yield from create()
    except _UNUSABLE as error:
        fix = _TYPES if isinstance(error, InvalidParameterTypeException) else ''
        paths = ', '.join(str(file.path) for file in files)
        origin = f'; parameters were read from {paths}' if files else ''
        raise InputError(f'{_in_one_line(error)}{fix}{origin}') from error


def _in_one_line(error: Exception) -> str:
    """Return what an error of rclpy says, without the places in the source of rcl."""
    text = re.sub(r', at \S+:\d+', '', str(error)).removeprefix('failed to initialize rcl: ')
    kind = type(error).__name__
    is_list = kind == 'UnknownROSArgsError'  # and no sentence
    return ' '.join(f'unknown arguments {text}'.split() if is_list else (text or kind).split())


def _spin(node: RunnableNode, is_over: Callable[[], bool]) -> None:
    """Let a node work until `is_over`; a callback that fails costs that one call."""
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while not is_over():
        try:
            executor.spin_once(timeout_sec=_WAKE_SECONDS)
        except PoseMachineError as error:
            node.get_logger().error(str(error), throttle_duration_sec=_ERROR_PERIOD)
        except Exception:  # a robot needs its eyes
            node.get_logger().error(f'callback failed: {traceback.format_exc()}',
                                    throttle_duration_sec=_ERROR_PERIOD)
    executor.shutdown()
