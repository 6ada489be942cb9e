# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A ROS node in a process of its own, started and ended from here without ROS."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time

from pose_machine_ros.errors import InputError

_STOP_SECONDS = 20.0  # a node that hangs ends itself sooner, and shows where it hung


class NodeProcess:
    """A node in a process of its own; its output is kept, and shown when it fails."""

    def __init__(self, module: str, environment: dict[str, str], **parameters: object) -> None:
        arguments = [x for name, value in parameters.items() for x in ('-p', f'{name}:={value}')]
        self.name = module
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'pose_machine_ros.ros', module, '--ros-args', *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
            start_new_session=True)  # Ctrl-C reaches this process alone, which ends the others
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, pattern: str, seconds: float) -> re.Match:
        """Return the first match in the output; raises InputError where it does not come."""
        end = time.monotonic() + seconds
        while True:
            is_over = time.monotonic() > end or not self._reader.is_alive()
            if found := re.search(pattern, '\n'.join(self.lines)):
                return found
            if is_over:
                raise self.failure(f'did not say {pattern!r}')
            time.sleep(0.05)

    def stop(self) -> int:
        """End the process in an orderly way, else by force; returns its exit status."""
        if self.is_running:
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join(1)
        return status

    def failure(self, what: str) -> InputError:
        """Return an error that shows the end of the output."""
        return InputError('\n'.join([f'{self.name} {what}; the end of its output:',
                                     *self.lines[-15:]]))

    def _read(self) -> None:
        for line in self._process.stdout:
            self.lines.append(line.rstrip())
