# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Other work on the machine, so that a measurement shows what it is beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import subprocess
import sys

from pose_machine_ros.errors import InputError

_LOOP = 'while True: pass'


@contextmanager
def busy_loops(count: int) -> Iterator[list[int]]:
    """Run `count` processes at normal priority that use a core each; yields their process ids.

    Raises InputError if `count` is negative.
    """
    if count < 0:
        raise InputError(f'beside = {count} must be 0 or more busy loops')
    processes = []
    try:
        for _ in range(count):
            processes.append(subprocess.Popen([sys.executable, '-c', _LOOP]))
        yield [p.pid for p in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
