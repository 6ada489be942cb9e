# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Benchmark of each stage of the machine on a video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
import os
from pathlib import Path
import platform
import time

import cv2
import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.machine import MachineConfig, PoseMachine

STAGES = ('decode', 'detect', 'crop', 'keypoints', 'track', 'lift', 'correct', 'total')
_WARM_UP = 20  # frames


def benchmark(path: Path, config: MachineConfig, width: int, frames: int,
              make_camera: Callable[[int, int], Camera]) -> dict:
    """Return the milliseconds of each stage over `frames` frames of a video shrunk to `width`.

    `total` is the time of a frame in the machine, without decoding. The video is repeated as often
    as necessary. The figures of a stage that does not run in every frame, such as `detect`, are
    those of the frames in which it runs. Raises InputError if `frames` is not positive.
    """
    if frames < 1:
        raise InputError(f'frames = {frames} must be at least 1')
    machine = PoseMachine(config)
    taken: dict[str, list[float]] = {stage: [] for stage in STAGES}
    people, size, camera = [], '', None
    for count, (decode, stamp_ns, image) in enumerate(endless_frames(path, width)):
        if camera is None:
            height, width = image.shape[:2]
            size, camera = f'{width}x{height}', make_camera(width, height)
        start = time.perf_counter()
        skeletons = machine.step(image, stamp_ns, camera)
        total = 1e3 * (time.perf_counter() - start)
        if count < _WARM_UP:
            continue
        for stage, ms in {**machine.stopwatch.milliseconds, 'decode': decode,
                          'total': total}.items():
            taken[stage].append(ms)
        people.append(sum(s.state.is_seen for s in skeletons))
        if count + 1 == frames + _WARM_UP:
            break
    return {
        'machine': describe_host(machine.device) | {'backend': config.keypoints.backend},
        'video': Path(path).name, 'size': size,
        'frames': frames, 'people': float(np.mean(people)),
        'correction': config.lifting.correction,
        'frames_per_second': 1e3 / float(np.mean(taken['total'])),
        'stages_ms': {stage: {'median': float(np.median(ms)), 'p99': float(np.percentile(ms, 99)),
                              'frames': len(ms)} for stage, ms in taken.items() if ms}}


def endless_frames(path: Path, width: int) -> Iterator[tuple[float, int, np.ndarray]]:
    """Yield (milliseconds to decode, stamp in ns, image) of a video that repeats without end.

    The stamps always increase. Images wider than `width` px are shrunk to that width.
    """
    video = VideoFile(path)
    offset = 0
    while True:
        newest, start = 0, time.perf_counter()
        for stamp_ns, image in video:
            if image.shape[1] > width:
                height = round(image.shape[0] * width / image.shape[1])
                image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            yield 1e3 * (time.perf_counter() - start), offset + stamp_ns, image
            newest, start = stamp_ns, time.perf_counter()
        offset += newest + round(1e9 / video.fps)


def describe_host(device: torch.device) -> dict[str, str]:
    """Return the processor, the device and the versions of the libraries."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
        processor = next(x.partition(': ')[2] for x in lines if x.startswith('model name'))
    except (OSError, StopIteration):
        pass
    name = torch.cuda.get_device_name(device) if device.type == 'cuda' else 'cpu'
    return {'processor': f'{processor}, {os.cpu_count()} cores', 'device': name,
            'python': platform.python_version(), 'torch': torch.__version__,
            **{package: _version(package) for package in ('onnxruntime', 'openvino')}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'not installed'
