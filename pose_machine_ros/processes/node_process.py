# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A ROS node in a process of its own, started and ended without importing ROS."""

from __future__ import annotations

from pathlib import Path
import re
import signal
import subprocess
import sys
import threading
import time

from pose_machine_ros.errors import InputError

_START_SECONDS = 120.0  # seconds would do; a machine may be busy
_STOP_SECONDS = 20.0  # a node that hangs ends itself before that and logs where it hung
_JOIN_SECONDS = 1.0  # for the rest of the output
_POLL_SECONDS = 0.05
_SHOWN_LINES = 15


class NodeProcess:
    """A node in its own process, which starts immediately; its output is kept in `lines`.

    `module` names an entry point of `pose_machine_ros.ros`; a Path is another Python program that
    takes ROS arguments. `environment` replaces that of this process.
    """

    def __init__(self, module: str | Path, environment: dict[str, str],
                 **parameters: object) -> None:
        program = [module] if isinstance(module, Path) else ['-m', 'pose_machine_ros.ros', module]
        arguments = [x for name, value in parameters.items() for x in ('-p', f'{name}:={value}')]
        self.name = module.stem if isinstance(module, Path) else module
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, *program, '--ros-args', *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
            start_new_session=True)  # Ctrl-C reaches the parent only, which ends the node
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def wait_for(self, pattern: str, seconds: float = _START_SECONDS) -> re.Match:
        """Return the first match in the output.

        Raises InputError if there is none after `seconds`, or when the output ends.
        """
        end = time.monotonic() + seconds
        while True:
            is_over = time.monotonic() > end or not self._reader.is_alive()
            if found := re.search(pattern, '\n'.join(self.lines)):
                return found
            if is_over:
                raise self.failure(f'did not print {pattern!r}')
            time.sleep(_POLL_SECONDS)

    def stop(self) -> int:
        """End the process with SIGINT, or with SIGKILL if it hangs; return its exit status."""
        if self.is_running:
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join(_JOIN_SECONDS)
        return status

    def failure(self, what: str) -> InputError:
        """Return an error that says `what` happened and quotes the end of the output."""
        return InputError('\n'.join([f'{self.name} {what}; the end of its output:',
                                     *self.lines[-_SHOWN_LINES:]]))

    def _read(self) -> None:
        for line in self._process.stdout:
            self.lines.append(line.rstrip())
