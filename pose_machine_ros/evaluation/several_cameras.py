# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Benchmark of several cameras: one process per camera, or one process with shared networks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
import itertools
import multiprocessing
import multiprocessing.synchronize
from pathlib import Path
import re
import time
from typing import NamedTuple

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.speed import endless_frames
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.networks import NetworkPool

# By name: the number of processes (None: one per camera), and whether networks run in batches.
ARRANGEMENTS: dict[str, tuple[int | None, bool | None]] = {
    'a process each': (None, None),
    'one process, shared networks': (1, False),
    'one process, shared networks, in batches': (1, True)}
_WARM_UP = 10  # frames
_IMAGES = 16  # kept in memory and played forwards and backwards, so that nothing is decoded
_WAIT_SECONDS = 600.0
_barrier: multiprocessing.synchronize.Barrier | None = None  # for all cameras


@dataclass(frozen=True)
class Task:
    """The work of one process."""

    config: MachineConfig
    camera: Camera
    images: list[np.ndarray]  # (H, W, 3) uint8, BGR
    frames: int  # of each camera
    cameras: int  # of this process
    batch: bool | None  # as for NetworkPool


class ProcessTiming(NamedTuple):
    """The time and memory of one process."""

    seconds: float  # for all frames of all its cameras
    cpu_seconds: float
    step_ms: list[float]
    memory_mb: float  # proportional set size


def benchmark(path: Path, config: MachineConfig, width: int, frames: int, cameras: int,
              make_camera: Callable[[int, int], Camera]) -> dict[str, dict[str, float]]:
    """Return the figures of each of ARRANGEMENTS for `cameras` cameras that play a video.

    Each camera has its next frame as soon as the last one is finished. `frames_per_second` is the
    total of all cameras, `median_ms` and `p99_ms` the latency of a frame, `cpu_ms` the CPU time per
    frame over all cores, and `memory_mb` the total of all processes.
    """
    if cameras < 2:
        raise InputError(f'cameras = {cameras} must be at least 2')
    if frames < 1:
        raise InputError(f'frames = {frames} must be at least 1')
    images = [image for _, _, image in itertools.islice(endless_frames(path, width), _IMAGES)]
    height, width = images[0].shape[:2]
    camera = make_camera(width, height)
    figures = {}
    for name, (processes, batch) in ARRANGEMENTS.items():
        processes = processes or cameras
        task = Task(config, camera, images, frames, cameras // processes, batch)
        context = multiprocessing.get_context('spawn')
        with ProcessPoolExecutor(processes, context, _set_barrier,
                                 (context.Barrier(cameras, timeout=_WAIT_SECONDS),)) as pool:
            taken = list(pool.map(_run_cameras, [task] * processes))
        steps = [ms for t in taken for ms in t.step_ms]
        figures[name] = {
            'frames_per_second': len(steps) / max(t.seconds for t in taken),
            'median_ms': float(np.median(steps)), 'p99_ms': float(np.percentile(steps, 99)),
            'cpu_ms': 1e3 * sum(t.cpu_seconds for t in taken) / len(steps),
            'memory_mb': sum(t.memory_mb for t in taken)}
    return figures


def _set_barrier(barrier: multiprocessing.synchronize.Barrier) -> None:
    global _barrier
    _barrier = barrier


def _run_cameras(task: Task) -> ProcessTiming:
    pool = NetworkPool(task.batch)
    with ThreadPoolExecutor(task.cameras) as threads:
        taken = list(threads.map(lambda _: _run_camera(task, pool), range(task.cameras)))
    return ProcessTiming(max(t.seconds for t in taken), max(t.cpu_seconds for t in taken),
                         [ms for t in taken for ms in t.step_ms], taken[0].memory_mb)


def _run_camera(task: Task, pool: NetworkPool) -> ProcessTiming:
    machine = PoseMachine(task.config, pool)
    images = [image.copy() for image in task.images]  # cameras share no memory
    frames = itertools.cycle(images + images[-2:0:-1])
    step_ms: list[float] = []

    def step(count: int) -> None:
        start = time.perf_counter()
        machine.step(next(frames), count * 33_333_333, task.camera)
        step_ms.append(1e3 * (time.perf_counter() - start))

    for count in range(_WARM_UP):
        step(count)
    _barrier.wait()
    start, cpu_start = time.perf_counter(), time.process_time()
    for count in range(task.frames):
        step(_WARM_UP + count)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    _barrier.wait()
    memory_mb = _memory_mb()
    _barrier.wait()  # no process ends before all have read their memory
    return ProcessTiming(seconds, cpu_seconds, step_ms[_WARM_UP:], memory_mb)


def _memory_mb() -> float:
    """Return the proportional set size of this process in MB; NaN if the kernel lacks it."""
    try:
        found = re.search(r'^Pss: +(\d+) kB', Path('/proc/self/smaps_rollup').read_text(), re.M)
    except OSError:
        return float('nan')
    return int(found[1]) * 1024e-6 if found else float('nan')
