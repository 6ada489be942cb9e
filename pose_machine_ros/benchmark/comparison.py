# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pose machine and MediaPipe Pose in turns, on the same frames."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
import tempfile
import time

import numpy as np

from pose_machine_ros.benchmark.case import Case
from pose_machine_ros.benchmark.footage import Footage, in_turn, STEP_NS
from pose_machine_ros.benchmark.mediapipe_process import MediaPipeMissingError, MediaPipeProcess
from pose_machine_ros.benchmark.percentiles import percentiles
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.evaluation.mediapipe_world import MODELS
from pose_machine_ros.machine import PoseMachine

OURS = 'pose machine'
_BLOCK = 15  # frames in a row of one method
_WARM_UP = 2  # blocks
_PAUSE_SECONDS = 0.05  # after a block, in which what runs in the background ends


class _Machine:
    """The pose machine with the interface of MediaPipeProcess."""

    def __init__(self, config: MachineConfig, camera: Camera, images: np.ndarray) -> None:
        self._machine = PoseMachine(config, background=True)  # as in the node
        self._camera, self._images = camera, images
        self._machine.warm_up()
        self._stamp_ns = 0
        self._cpu_start = time.process_time()
        self.close = self._machine.close

    @property
    def cpu_seconds(self) -> float:
        return time.process_time() - self._cpu_start

    def step(self, index: int) -> tuple[float, bool]:
        self._stamp_ns += STEP_NS
        start = time.perf_counter()
        skeletons = self._machine.step(self._images[index], self._stamp_ns, self._camera)
        return 1e3 * (time.perf_counter() - start), any(s.state.is_seen for s in skeletons)


def compare(case: Case, footage: Footage, config: MachineConfig, camera: Camera, frames: int,
            python: Path) -> list[dict]:
    """Return a row of figures for the pose machine and for each MediaPipe model.

    They take turns on blocks of the same frames. `python` is the interpreter that has MediaPipe; a
    model that it cannot run has a row with the reason in `skipped`. The conversion to RGB, which
    MediaPipe needs, is not measured.
    """
    images = footage.images(case)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        in_rgb = Path(folder) / 'images.npy'
        np.save(in_rgb, images[..., ::-1])
        ours = _Machine(config, camera, images)
        stack.callback(ours.close)
        methods: dict[str, _Machine | MediaPipeProcess] = {OURS: ours}
        skipped = {}
        for model, complexity in MODELS.items():
            try:
                method = MediaPipeProcess(python, complexity, in_rgb)
                stack.callback(method.close)
                methods[f'MediaPipe {model}'] = method
            except MediaPipeMissingError as error:
                skipped[f'MediaPipe {model}'] = str(error)
        return [{'method': name, 'footage': case.footage, 'people': case.people,
                 'size': case.size_name, **row}
                for name, row in {**_in_turns(methods, len(images), frames),
                                  **{name: {'skipped': why} for name, why in skipped.items()}
                                  }.items()]


def _in_turns(methods: dict[str, _Machine | MediaPipeProcess], images: int,
              frames: int) -> dict[str, dict]:
    order = in_turn(range(images))
    taken: dict[str, list[tuple[float, bool]]] = {name: [] for name in methods}
    cpu_start = {}
    blocks = -(-frames // _BLOCK)
    for block in range(_WARM_UP + blocks):
        if block == _WARM_UP:
            cpu_start = {name: m.cpu_seconds for name, m in methods.items()}
        count = min(_BLOCK, frames - (block - _WARM_UP) * _BLOCK)
        for name, method in methods.items():
            done = [method.step(order[(block * _BLOCK + k) % len(order)]) for k in range(count)]
            taken[name] += done if block >= _WARM_UP else []
            time.sleep(_PAUSE_SECONDS)
    return {name: {
        'frames': frames, 'found': sum(found for _, found in done),
        'total_ms': percentiles([ms for ms, _ in done]),
        'cpu_ms': round(1e3 * (methods[name].cpu_seconds - cpu_start[name]) / frames, 2)}
        for name, done in taken.items()}
