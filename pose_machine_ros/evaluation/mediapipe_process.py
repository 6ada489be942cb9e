# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MediaPipe Pose in a process of its own, because it pins old versions of common dependencies.

`python3 -m venv DIR && DIR/bin/pip install mediapipe==0.10.14` makes an environment for it. The
wheel lacks the heavy model: copy `pose_landmark_heavy.tflite` of the npm package @mediapipe/pose
0.5.1675469404 to mediapipe/modules/pose_landmark.
"""

from __future__ import annotations

import json
from pathlib import Path
import subprocess
import tempfile
from typing import NamedTuple

import numpy as np

from pose_machine_ros.errors import InputError

MODELS = {'full': 1, 'heavy': 2}
_WORKER = Path(__file__).with_name('mediapipe_worker.py')
_STOP_SECONDS = 10.0


class MediaPipeMissingError(InputError):
    """The given Python does not run MediaPipe with this model."""


class MediaPipePose(NamedTuple):
    """What MediaPipe finds in an image; None for both arrays if it finds nobody."""

    milliseconds: float
    world: np.ndarray | None  # (33, 3) BLAZEPOSE_33, metres
    landmarks: np.ndarray | None  # (33, 3) x and y relative to the image's size, visibility


class MediaPipeProcess:
    """One model of MediaPipe Pose."""

    def __init__(self, python: Path, model: str) -> None:
        """Start `python`, and wait for it to load a model of MODELS.

        Raises MediaPipeMissingError with the reason if it cannot.
        """
        self.cpu_seconds = 0.0  # of all images so far
        with tempfile.TemporaryFile('w+') as log:
            try:
                self._process = subprocess.Popen(
                    # Not as a file, whose folder would be searched for what MediaPipe imports
                    [python, '-c', _WORKER.read_text(), str(MODELS[model])],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                    cwd=tempfile.gettempdir())
            except OSError as error:
                raise MediaPipeMissingError(
                    f'{python.name} does not run ({error.strerror}); give the Python of an '
                    'environment with MediaPipe with --mediapipe-python') from error
            if self._process.stdout.readline() != b'ready\n':
                self.close()
                log.seek(0)
                lines = log.read().strip().splitlines() or ['it said nothing']
                raise MediaPipeMissingError(
                    f'{python.name} cannot load MediaPipe ({lines[-1]}); give the Python of an '
                    f'environment that has it with --mediapipe-python, see {__name__}')

    def step(self, image: np.ndarray) -> MediaPipePose:
        """Return what is found in an image (H, W, 3) uint8 BGR, the next one of a video.

        The milliseconds are those of MediaPipe alone. Raises MediaPipeMissingError if the process
        has ended.
        """
        try:
            self._process.stdin.write(b'%d %d\n' % image.shape[:2])
            self._process.stdin.write(np.ascontiguousarray(image[..., ::-1]).data)
            self._process.stdin.flush()
            ms, self.cpu_seconds, *found = json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise MediaPipeMissingError('MediaPipe ended while it worked') from error
        return MediaPipePose(ms, *(None if rows is None else np.array(rows) for rows in found))

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
