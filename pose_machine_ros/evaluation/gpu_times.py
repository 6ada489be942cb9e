# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Times and kernels of a frame on a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import time

import numpy as np
import torch
from torch.profiler import profile, ProfilerActivity

from pose_machine_ros.config import MachineConfig
from pose_machine_ros.evaluation.gpu_scene import (
    CAMERA, in_2d, lifter_on, People, regions_of, STEP_NS)
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.networks import Networks


def measure(images: list[np.ndarray], people: People, network: PoseNetwork2D, networks: Networks,
            device: torch.device, frames: int) -> dict[str, dict[str, float]]:
    """Return `p50` and `p99` of the wall time of each stage and of the whole, in ms.

    On a GPU also those of the time between CUDA events around each stage, as `NAME, events`, and
    `first_ms`, the first frame, with the captures.
    """
    lifter, regions = lifter_on(networks, device), regions_of(people)
    clock, times = _Clock(device), []
    start = time.perf_counter()
    for index in range(frames + 1):
        image = images[index % len(images)]
        begin = time.perf_counter()
        with clock.stage('upload'):
            frame = network.upload(image)
        with clock.stage('keypoints'):
            seen = network.refine(network.crop(frame, regions), regions)
        with clock.stage('lift'):
            lifter.step(in_2d(seen, regions), index * STEP_NS, CAMERA)
        times.append((time.perf_counter() - begin) * 1e3)
        if index == 0:
            first = (time.perf_counter() - start) * 1e3
            times.clear()
            clock.take()
    lifter.close()
    figures = {'frame': times, **clock.take()}
    return {'first_ms': first, **{name: _percentiles(ms) for name, ms in figures.items()}}


def measure_machine(images: list[np.ndarray], device: torch.device) -> dict[str, object]:
    """Return the times of whole frames of a PoseMachine that searches in the background."""
    machine, times, people = PoseMachine(MachineConfig(device=str(device)), background=True), [], 0
    for index, image in enumerate([*images, *images[::-1]]):
        start = time.perf_counter()
        people = max(people, len(machine.step(image, index * STEP_NS, CAMERA)))
        times.append((time.perf_counter() - start) * 1e3)
    machine.close()
    return {'most_people': people, 'frame': _percentiles(times[len(images):])}


class _Clock:
    """Wall time of stages, which end with a download or a launch, and time between CUDA events."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._wall: dict[str, list[float]] = {}
        self._events: list[tuple[str, torch.cuda.Event, torch.cuda.Event]] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        is_cuda, start = self._device.type == 'cuda', time.perf_counter()
        if is_cuda:
            first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            first.record()
        yield
        if is_cuda:
            last.record()
            self._events.append((f'{name}, events', first, last))
        self._wall.setdefault(name, []).append((time.perf_counter() - start) * 1e3)

    def take(self) -> dict[str, list[float]]:
        """Return the milliseconds of each stage, and start again."""
        figures, events = self._wall, self._events
        self._wall, self._events = {}, []
        if events:
            torch.cuda.synchronize(self._device)
        for name, first, last in events:
            figures.setdefault(name, []).append(first.elapsed_time(last))
        return figures


def count_launches(image: np.ndarray, people: People, network: PoseNetwork2D,
                   networks: Networks, device: torch.device) -> dict[str, float]:
    """Return `device_kernels` of a frame on a GPU, copies included, and how long they run."""
    lifter, regions = lifter_on(networks, device), regions_of(people)

    def frame(index: int) -> None:
        seen = network.refine(network.crop(network.upload(image), regions), regions)
        lifter.step(in_2d(seen, regions), index * STEP_NS, CAMERA)
    frame(0)
    _finish(device)
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as recorded:
        frame(1)
        _finish(device)
    kernels = [e for e in recorded.events() if e.device_type == torch.autograd.DeviceType.CUDA]
    return {'device_kernels': len(kernels),
            'busy_ms': sum(e.time_range.elapsed_us() for e in kernels) / 1e3}


def _percentiles(ms: Sequence[float]) -> dict[str, float]:
    return dict(zip(('p50', 'p99'), np.percentile(ms, (50, 99)).tolist()))


def _finish(device: torch.device) -> None:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
