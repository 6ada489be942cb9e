# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A process that plays the images of one or more cameras to pose machines, and measures itself."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
import itertools
import multiprocessing.synchronize
from pathlib import Path
import re
import time

import numpy as np

from pose_machine_ros.benchmark.footage import in_turn, STEP_NS
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.evaluation.host import busy_seconds
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.networks import NetworkPool
from pose_machine_ros.torch_calls import TorchCallCounter

_WARM_UP = 20  # frames; this and the next at most as many as are measured
_COUNTED = 15  # frames of which torch calls are counted; as many as one interval of the detector
_MIN_FRAMES = 5  # however long they take
_barrier: multiprocessing.synchronize.Barrier | None = None  # for all cameras of all processes


@dataclass(frozen=True)
class Task:
    """The work of one process."""

    config: MachineConfig
    camera: Camera
    images: Path  # NPY file, (N, H, W, 3) uint8 BGR
    frames: int  # of each camera
    seconds: float  # for them, at most
    period: float  # seconds from one frame to the next, at least
    cameras: int  # of this process
    batch: bool  # as for NetworkPool


@dataclass
class Timing:
    """What the cameras of one process took."""

    device: str
    seconds: float  # for all frames of all cameras
    cpu_seconds: float  # of all threads
    busy_seconds: float  # of the whole machine, over all cores
    first_frame_ms: float  # after the warm-up of the networks
    torch_calls: float  # of operations a frame, in the thread that calls the machine
    torch_kernels: float  # the same, without views
    people: float  # seen in a frame
    memory_mb: float  # proportional set size; this and the next without the images
    peak_memory_mb: float  # resident
    stages_ms: dict[str, list[float]] = field(default_factory=dict)  # with 'total'


def set_barrier(barrier: multiprocessing.synchronize.Barrier) -> None:
    """Prepare a process: all cameras start together, and no process ends before the others."""
    global _barrier
    _barrier = barrier


def run_cameras(task: Task) -> Timing:
    """Measure all cameras of this process, each in a thread, with shared networks."""
    pool = NetworkPool(task.batch)
    with ThreadPoolExecutor(task.cameras) as threads:
        taken = list(threads.map(lambda _: _run_camera(task, pool), range(task.cameras)))
    stages: dict[str, list[float]] = defaultdict(list)
    for timing in taken:
        for stage, ms in timing.stages_ms.items():
            stages[stage] += ms
    longest = max(taken, key=lambda t: t.seconds)  # it counts the CPU time of all of them
    longest.people = float(np.mean([t.people for t in taken]))
    longest.stages_ms = dict(stages)
    return longest


def _run_camera(task: Task, pool: NetworkPool) -> Timing:
    images = np.load(task.images, allow_pickle=False)  # cameras share no memory
    in_memory_mb = images.nbytes * task.cameras * 1e-6
    machine = PoseMachine(task.config, pool, background=True)  # as in the node
    machine.warm_up()
    frames = zip(itertools.count(0, STEP_NS), itertools.cycle(in_turn(images)))
    stages: dict[str, list[float]] = defaultdict(list)
    people: list[int] = []

    due = time.perf_counter()

    def step() -> float:
        nonlocal due
        due = max(due + task.period, time.perf_counter())
        time.sleep(max(due - time.perf_counter(), 0))
        stamp_ns, image = next(frames)
        start = time.perf_counter()
        skeletons = machine.step(image, stamp_ns, task.camera)
        total = 1e3 * (time.perf_counter() - start)
        for stage, ms in {**machine.stopwatch.milliseconds, 'total': total}.items():
            stages[stage].append(ms)
        people.append(sum(s.state.is_seen for s in skeletons))
        return total

    first_frame_ms = step()
    for _ in range(min(_WARM_UP, task.frames) - 1):
        step()
    stages.clear()
    people.clear()
    _barrier.wait()
    start, cpu_start, busy_start = time.perf_counter(), time.process_time(), busy_seconds()
    while len(people) < task.frames and (
            len(people) < _MIN_FRAMES or time.perf_counter() - start < task.seconds):
        step()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    busy = busy_seconds() - busy_start
    measured = {stage: list(ms) for stage, ms in stages.items()}
    seen = float(np.mean(people))
    _barrier.wait()
    memory_mb, peak_memory_mb = _memory_mb(), _peak_memory_mb()
    _barrier.wait()  # no process ends before all have read their memory
    counted = min(_COUNTED, task.frames)
    with TorchCallCounter() as calls:
        for _ in range(counted):
            step()
    machine.close()
    return Timing(str(machine.device), seconds, cpu_seconds, busy, first_frame_ms,
                  calls.calls / counted, calls.kernels / counted, seen, memory_mb - in_memory_mb,
                  peak_memory_mb - in_memory_mb, measured)


def _memory_mb() -> float:
    """Return the proportional set size of this process in MB; NaN if the kernel lacks it."""
    return _kilobytes('/proc/self/smaps_rollup', 'Pss') * 1.024e-3


def _peak_memory_mb() -> float:
    """Return the largest resident set size of this process in MB; NaN if the kernel lacks it."""
    return _kilobytes('/proc/self/status', 'VmHWM') * 1.024e-3


def _kilobytes(path: str, name: str) -> float:
    try:
        found = re.search(rf'^{name}:\s+(\d+) kB', Path(path).read_text(), re.MULTILINE)
    except OSError:
        return float('nan')
    return float(found[1]) if found else float('nan')
