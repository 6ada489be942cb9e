# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The stack on which signal handlers run, which OpenVINO replaces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import ctypes
import sys


class _Stack(ctypes.Structure):
    """stack_t of Linux."""

    _fields_ = [('address', ctypes.c_void_p), ('flags', ctypes.c_int), ('size', ctypes.c_size_t)]


@contextmanager
def kept_signal_stack() -> Iterator[None]:
    """Restore this thread's alternate signal stack after the block; does nothing outside of Linux.

    OpenVINO sets one when it loads its plugin for CPUs. It frees the memory with the plugin, but
    only the thread that frees it stops using it: the next signal in another thread, for which
    Python uses that stack, then ends the program with a segmentation fault.
    """
    if sys.platform != 'linux':
        yield
        return
    set_stack = ctypes.CDLL(None).sigaltstack
    before = _Stack()
    set_stack(None, ctypes.byref(before))
    try:
        yield
    finally:
        set_stack(ctypes.byref(before), None)
