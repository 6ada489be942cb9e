# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Processes that run nodes and shut down cleanly."""

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
from pose_machine_ros.ros.runtime.overrides import (
    warn_about_unknown_parameters, warn_about_unmatched_files)
from pose_machine_ros.ros.runtime.parameter_files import parameter_files, ParameterFile

_WAKE_SECONDS = 0.1  # between two checks for a signal
_END_SECONDS = 5.0  # from a signal to a forced end; `ros2 launch` sends its next signal then
_ERROR_PERIOD = 5.0
# Raised by the constructor of a node for an invalid name or parameter; RuntimeError is from rcl.
_UNUSABLE = (InputError, ParameterException, NameValidationException, RuntimeError)
_TYPES = "; write a DOUBLE like 1.0, an INTEGER like 1, a STRING like '1', a BOOL like true"


class RunnableNode(Protocol):
    """A node whose lifecycle transitions are plain methods."""

    def configure(self) -> None: ...

    def activate(self) -> None: ...

    def deactivate(self) -> None: ...

    def cleanup(self) -> None: ...

    def destroy_node(self) -> None: ...

    def get_logger(self) -> RcutilsLogger: ...


class StopSignals:
    """Turns SIGINT and SIGTERM into a flag.

    The handlers of rclpy would shut its context down immediately. The last messages of a node,
    which delete its markers, would be lost. Further signals do not interrupt the clean-up. If the
    clean-up hangs, the process ends itself and prints the stack of every thread.
    """

    def __init__(self) -> None:
        self.received = False
        self._interrupts = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Raise StopRequest in the block when a signal arrives.

        For blocks that take long and need no clean-up.
        """
        self._interrupts = True
        try:
            yield
        except Exception:
            if not self.received:
                raise
            # Compiled code may replace a StopRequest by an exception of its own.
            raise StopRequest from None
        finally:
            self._interrupts = False

    def _handle(self, *_: object) -> None:
        if not self.received:
            self.received = True
            faulthandler.dump_traceback_later(_END_SECONDS, exit=True)
        if self._interrupts:
            self._interrupts = False
            raise StopRequest


class StopRequest(BaseException):
    """A signal arrived; a BaseException, so that `except Exception` does not catch it."""


def run_node(create: Callable[[], RunnableNode], args: list[str] | None = None,
             is_done: Callable[[RunnableNode], bool] = lambda node: False) -> int:
    """Run a node until SIGINT, SIGTERM or `is_done`; return the exit status."""
    return run_nodes(lambda: [create()], args, is_done)


def run_nodes(create: Callable[[], Iterable[RunnableNode]], args: list[str] | None = None,
              is_done: Callable[[RunnableNode], bool] = lambda node: False) -> int:
    """Run nodes until SIGINT, SIGTERM or `is_done` of one of them; return the exit status.

    Each has a thread of its own, so that none waits for the callbacks of another.
    """
    stop = StopSignals()
    nodes: list[RunnableNode] = []
    try:
        with stop.interruptible():
            files = parameter_files(sys.argv if args is None else args)
            _start_rclpy(args)
            try:
                for node in _created(create, files):
                    nodes.append(node)
                    warn_about_unknown_parameters(node)
                    node.configure()
            finally:  # a misnamed section may be the reason why a node cannot be configured
                warn_about_unmatched_files(files, nodes)
            # All loaded objects stay alive. Without `freeze`, the garbage collector would search
            # them repeatedly, which stops every thread and delays the exit by a second.
            gc.collect()
            gc.freeze()
        if not stop.received:
            for node in nodes:
                node.activate()

            def spin_and_deactivate(node: RunnableNode) -> None:
                _spin(node, lambda: stop.received or any(is_done(n) for n in nodes))
                node.deactivate()
            with ThreadPoolExecutor(len(nodes)) as threads:
                others = [threads.submit(spin_and_deactivate, node) for node in nodes[1:]]
                spin_and_deactivate(nodes[0])  # in the main thread, like a single node
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
    """Start rclpy without signal handlers; raises InputError for invalid arguments."""
    try:
        rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    except Exception as error:  # the type differs between distributions
        raise InputError(f'ROS cannot start, check the arguments after --ros-args: '
                         f'{_in_one_line(error)}') from error


def _created(create: Callable[[], Iterable[RunnableNode]],
             files: Sequence[ParameterFile]) -> Iterator[RunnableNode]:
    """Yield the nodes of `create`; raises InputError for an invalid name or parameter."""
    try:
        yield from create()
    except _UNUSABLE as error:
        fix = _TYPES if isinstance(error, InvalidParameterTypeException) else ''
        paths = ', '.join(str(file.path) for file in files)
        origin = f'; parameters were read from {paths}' if files else ''
        raise InputError(f'{_in_one_line(error)}{fix}{origin}') from error


def _in_one_line(error: Exception) -> str:
    """Return the text of an rclpy error, without positions in the source code of rcl."""
    text = re.sub(r', at \S+:\d+', '', str(error)).removeprefix('failed to initialize rcl: ')
    kind = type(error).__name__
    is_list = kind == 'UnknownROSArgsError'  # its text is not a sentence
    return ' '.join(f'unknown arguments {text}'.split() if is_list else (text or kind).split())


def _spin(node: RunnableNode, is_over: Callable[[], bool]) -> None:
    """Spin a node until `is_over`; an exception of a callback is logged, and spinning goes on."""
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while not is_over():
        try:
            executor.spin_once(timeout_sec=_WAKE_SECONDS)
        except PoseMachineError as error:
            node.get_logger().error(str(error), throttle_duration_sec=_ERROR_PERIOD)
        except Exception:  # the robot depends on this node
            node.get_logger().error(f'callback failed: {traceback.format_exc()}',
                                    throttle_duration_sec=_ERROR_PERIOD)
    executor.shutdown()
