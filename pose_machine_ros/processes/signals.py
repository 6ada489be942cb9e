# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Signals to a program that has something to end before it does: other processes, files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import signal

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def raise_on_signals() -> None:
    """Let SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt, once."""
    for number in _INTERRUPTS:
        signal.signal(number, _interrupt)


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt in the block, once.

    Also a decorator. A library that takes the interrupt for a failure of its own does not hide it.
    SIGHUP stays ignored if it was, as below nohup.
    """
    arrived: list[int] = []

    def interrupt(number: int, _: object) -> None:
        arrived.append(number)
        _interrupt()

    earlier = {number: signal.signal(number, interrupt) for number in _INTERRUPTS
               if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    except Exception as error:
        if arrived:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
    if arrived:
        raise KeyboardInterrupt


@contextmanager
def signals_wait() -> Iterator[None]:
    """Let signals wait until the block is over: a process half started would not be ended."""
    arrived: list[int] = []
    handlers = {number: signal.signal(number, lambda n, _: arrived.append(n))
                for number in _INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if arrived:
        _interrupt()


def _interrupt(*_: object) -> None:
    """Interrupt; what follows is the end of the other processes, and nothing breaks into it."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
