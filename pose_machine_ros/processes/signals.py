# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Signals to a program that has to clean up before it ends: other processes, files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import signal

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install_interrupt_handlers() -> None:
    """Let SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt once, for the rest of the program."""
    for number in _INTERRUPTS:
        signal.signal(number, _interrupt)


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt once, in the block.

    Also a decorator. The interrupt is raised even if a library in the block turns it into an error
    of its own. SIGHUP stays ignored if it was ignored before, as under nohup.
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
def defer_signals() -> Iterator[None]:
    """Defer SIGINT, SIGTERM and SIGHUP to the end of the block; raise KeyboardInterrupt then."""
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
    """Raise KeyboardInterrupt; ignore further signals, which would break into the clean-up."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
