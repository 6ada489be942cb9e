# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pose machine and MediaPipe Pose in turns, on the same frames."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
import time

import numpy as np

from pose_machine_ros.benchmark.case import Case
from pose_machine_ros.benchmark.footage import Footage, in_turn, STEP_NS
from pose_machine_ros.benchmark.percentiles import percentiles
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.evaluation.mediapipe_process import (
    MediaPipeMissingError, MediaPipeProcess, MODELS)
from pose_machine_ros.machine import PoseMachine

OURS = 'pose machine'
_BLOCK = 15  # frames in a row of one method
_WARM_UP = 2  # blocks
_PAUSE_SECONDS = 0.05  # after a block, in which what runs in the background ends


class _Machine:
    """The pose machine."""

    def __init__(self, config: MachineConfig, camera: Camera) -> None:
        self._machine = PoseMachine(config, background=True)  # as in the node
        self._camera = camera
        self._machine.warm_up()
        self._stamp_ns = 0
        self._cpu_start = time.process_time()
        self.close = self._machine.close

    @property
    def cpu_seconds(self) -> float:
        return time.process_time() - self._cpu_start

    def step(self, image: np.ndarray) -> tuple[float, bool]:
        self._stamp_ns += STEP_NS
        start = time.perf_counter()
        skeletons = self._machine.step(image, self._stamp_ns, self._camera)
        return 1e3 * (time.perf_counter() - start), any(s.state.is_seen for s in skeletons)


class _MediaPipe(MediaPipeProcess):
    """MediaPipe with the interface of _Machine."""

    def step(self, image: np.ndarray) -> tuple[float, bool]:
        found = super().step(image)
        return found.milliseconds, found.landmarks is not None


def compare(case: Case, footage: Footage, config: MachineConfig, camera: Camera, frames: int,
            python: Path) -> list[dict]:
    """Return a row of figures for the pose machine and for each MediaPipe model.

    They take turns on blocks of the same frames. `python` is the interpreter that has MediaPipe; a
    model that it cannot run has a row with the reason in `skipped`. The conversion to RGB, which
    MediaPipe needs, is not measured.
    """
    images = footage.images(case)
    with ExitStack() as stack:
        methods: dict[str, _Machine | _MediaPipe] = {OURS: _Machine(config, camera)}
        skipped = {}
        for model in MODELS:
            try:
                methods[f'MediaPipe {model}'] = _MediaPipe(python, model)
            except MediaPipeMissingError as error:
                skipped[f'MediaPipe {model}'] = str(error)
        for method in methods.values():
            stack.callback(method.close)
        return [{'method': name, 'footage': case.footage, 'people': case.people,
                 'size': case.size_name, **row}
                for name, row in {**_in_turns(methods, images, frames),
                                  **{name: {'skipped': why} for name, why in skipped.items()}
                                  }.items()]


def _in_turns(methods: dict[str, _Machine | _MediaPipe], images: np.ndarray,
              frames: int) -> dict[str, dict]:
    order = in_turn(images)
    taken: dict[str, list[tuple[float, bool]]] = {name: [] for name in methods}
    cpu_seconds = dict.fromkeys(methods, 0.0)
    blocks = -(-frames // _BLOCK)
    for block in range(-_WARM_UP, blocks):
        first = (block + _WARM_UP) * _BLOCK
        count = min(_BLOCK, frames - block * _BLOCK)
        for name, method in methods.items():
            before = method.cpu_seconds
            done = [method.step(order[(first + k) % len(order)]) for k in range(count)]
            time.sleep(_PAUSE_SECONDS)
            if block >= 0:
                taken[name] += done
                cpu_seconds[name] += method.cpu_seconds - before
    return {name: {
        'frames': frames, 'found': sum(found for _, found in done),
        'total_ms': percentiles([ms for ms, _ in done]),
        'cpu_ms': round(1e3 * cpu_seconds[name] / frames, 2)}
        for name, done in taken.items()}
