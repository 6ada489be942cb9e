# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MediaPipe Pose in a process of its own, seen from this one."""

from __future__ import annotations

import json
from pathlib import Path
import subprocess

from pose_machine_ros.errors import PoseMachineError

_WORKER = Path(__file__).with_name('mediapipe_worker.py')
_STOP_SECONDS = 10.0


class MediaPipeMissingError(PoseMachineError):
    """The given Python does not run MediaPipe with this model."""


class MediaPipeProcess:
    """One model of MediaPipe Pose, which gets the indices of images in an NPY file."""

    def __init__(self, python: Path, complexity: int, images: Path) -> None:
        """Start `python`, and wait for it to load MediaPipe; `images` are RGB.

        Raises MediaPipeMissingError with the reason if it cannot.
        """
        self.cpu_seconds = 0.0  # of all frames so far
        with (images.parent / f'mediapipe_{complexity}.log').open('w+') as log:
            try:
                self._process = subprocess.Popen(
                    # Not as a file, whose folder would be searched for what MediaPipe imports
                    [python, '-c', _WORKER.read_text(), str(complexity), images],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                    cwd=images.parent)
            except OSError as error:
                raise MediaPipeMissingError(
                    f'{python.name} does not run ({error.strerror}); give the Python of an '
                    'environment with MediaPipe with --mediapipe-python') from error
            if self._process.stdout.readline() != 'ready\n':
                self.close()
                log.seek(0)
                lines = log.read().strip().splitlines() or ['it said nothing']
                raise MediaPipeMissingError(
                    f'{python.name} cannot load MediaPipe ({lines[-1]}); give the Python of an '
                    'environment that has it with --mediapipe-python')

    def step(self, index: int) -> tuple[float, bool]:
        """Return the milliseconds of an image, and whether somebody was found.

        Raises MediaPipeMissingError if the process has ended.
        """
        try:
            self._process.stdin.write(f'{index}\n')
            self._process.stdin.flush()
            ms, self.cpu_seconds, is_found = json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise MediaPipeMissingError('MediaPipe ended while it worked') from error
        return ms, is_found

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
