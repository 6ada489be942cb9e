# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Measurements of the pose machine without ROS."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
import multiprocessing
from pathlib import Path
import tempfile

import numpy as np

from pose_machine_ros.benchmark.camera_process import run_cameras, set_barrier, Task
from pose_machine_ros.benchmark.case import ARRANGEMENTS, Case
from pose_machine_ros.benchmark.footage import Footage, FPS
from pose_machine_ros.benchmark.percentiles import percentiles
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig

_WAIT_SECONDS = 600.0
_STAGES = ('detect', 'crop', 'keypoints', 'track', 'lift', 'correct')  # in this order


def measure(case: Case, footage: Footage, config: MachineConfig, camera: Camera, frames: int,
            seconds: float, is_paced: bool = False) -> dict:
    """Return the figures of one case, in processes of its own; images are in memory beforehand.

    Each camera has its next frame as soon as the last one is finished, or at 30 Hz at most if the
    measurement `is_paced`, for `frames` frames or `seconds` seconds. `frames_per_second` is the
    total of all cameras, `stages_ms` the time of each stage in the frames that run it, `cpu_ms` the
    CPU time of a frame over all threads, and `other_cores` the number of cores that other processes
    used meanwhile.
    """
    processes, batch = ARRANGEMENTS[case.arrangement]
    processes = processes or case.cameras
    context = multiprocessing.get_context('spawn')
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / 'images.npy'
        np.save(images, footage.images(case))
        task = Task(config, camera, images, frames, seconds, 1 / FPS if is_paced else 0.0,
                    case.cameras // processes, batch)
        barrier = context.Barrier(case.cameras, timeout=_WAIT_SECONDS)
        with ProcessPoolExecutor(processes, context, set_barrier, (barrier,)) as pool:
            taken = list(pool.map(run_cameras, [task] * processes))
    named = {stage for t in taken for stage in t.stages_ms} - {'total'}
    stages = {stage: [ms for t in taken for ms in t.stages_ms.get(stage, ())]
              for stage in dict.fromkeys([*_STAGES, *sorted(named), 'total'])}
    count, longest = len(stages['total']), max(taken, key=lambda t: t.seconds)
    cpu_seconds = sum(t.cpu_seconds for t in taken)
    return {
        'footage': case.footage, 'people': case.people, 'cameras': case.cameras,
        'size': case.size_name, 'arrangement': case.arrangement, 'frames': count,
        'is_paced': is_paced,
        'people_seen': round(float(np.mean([t.people for t in taken])), 2),
        'frames_per_second': round(count / longest.seconds, 2),
        'cpu_ms': round(1e3 * cpu_seconds / count, 2),
        'torch_calls': round(taken[0].torch_calls, 1),
        'torch_kernels': round(taken[0].torch_kernels, 1),
        'memory_mb': round(sum(t.memory_mb for t in taken), 1),
        'peak_memory_mb': round(sum(t.peak_memory_mb for t in taken), 1),
        'first_frame_ms': round(longest.first_frame_ms, 1),
        'other_cores': round(max(longest.busy_seconds - cpu_seconds, 0) / longest.seconds, 2),
        'stages_ms': {stage: {**percentiles(ms), 'frames': len(ms)}
                      for stage, ms in stages.items() if ms}}


def with_room_for(case: Case, config: MachineConfig) -> MachineConfig:
    """Return the config, with the default of `max_people` raised if the case has more people."""
    default = type(config.tracking)().max_people
    if config.tracking.max_people != default or (case.people or 0) <= default:
        return config
    return replace(config, tracking=replace(config.tracking, max_people=case.people))
