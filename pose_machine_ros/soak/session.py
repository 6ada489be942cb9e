# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera, the node and a monitor as processes over DDS, and a look at the node now and then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
import json
from pathlib import Path
import time

import psutil

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.processes.domain import private_environment
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.signals import signals_wait
from pose_machine_ros.soak.growth import MIN_SAMPLES, Sample

_READY_SECONDS = 120.0  # the first start exports the networks for ONNX Runtime
_SLACK_SECONDS = 30.0  # a machine with much to do is late
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class SoakConfig:
    """What is run, and for how long."""

    video: Path
    minutes: float = 60.0
    every: float = 10.0  # seconds between samples
    rate: float = 30.0  # images a second
    width: int | None = None  # px of the images; None = a handy one
    parameters: dict[str, object] = field(default_factory=dict)  # of the node

    def __post_init__(self) -> None:
        for name in ('minutes', 'every', 'rate'):
            if not getattr(self, name) > 0:
                raise InputError(f'{name} = {getattr(self, name)} must be positive')
        if self.minutes * 60 < MIN_SAMPLES * self.every:
            raise InputError(
                f'{self.minutes} minutes are too short for {MIN_SAMPLES} samples, one every '
                f'{self.every} s: let the soak run for longer, or sample more often')


def samples(config: SoakConfig) -> Iterator[Sample]:
    """Run the soak, and give a sample every so often; the processes end with the iteration.

    Raises InputError, with the end of its output, for a process that failed or falls silent.
    """
    environment = private_environment()
    width = config.width or VideoFile(config.video).handy_width()
    with ExitStack() as stack:
        def start(module: str, **options: object) -> NodeProcess:
            with signals_wait():
                process = NodeProcess(module, environment, **options)
                stack.callback(process.stop)
            return process

        node = start('node', **config.parameters)
        node.wait_for('ready on', _READY_SECONDS)
        monitor = start('monitor', period=config.every)
        camera = start('video_camera', file=config.video, width=width, rate=config.rate,
                       loop='true', wait_for_subscribers=1)
        camera.wait_for('playing', _READY_SECONDS)
        watched, begin, seen = psutil.Process(node.pid), time.monotonic(), len(_lines(monitor))
        while time.monotonic() - begin < config.minutes * 60:
            seen += 1
            figures = _line(monitor, seen, config.every + _SLACK_SECONDS)
            for process in (node, camera, monitor):
                if not process.is_running:
                    raise process.failure('died')
            with watched.oneshot():
                yield Sample(
                    seconds=round(time.monotonic() - begin, 2),
                    memory_mb=round(watched.memory_info().rss / 2**20, 2),
                    threads=watched.num_threads(), handles=watched.num_fds(), **figures)
        for process in (camera, monitor, node):
            if status := process.stop():
                raise process.failure(f'ended with status {status}')
        if errors := [line for line in node.lines if '[ERROR]' in line]:
            raise node.failure(f'logged {len(errors)} errors, the first: {errors[0]}')


def _line(monitor: NodeProcess, number: int, seconds: float) -> dict:
    """Return the monitor's line of this number, from 1 on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if len(lines := _lines(monitor)) >= number:
            return json.loads(lines[number - 1])
        time.sleep(_POLL_SECONDS)
    raise monitor.failure(f'told nothing for {seconds:.0f} s')


def _lines(monitor: NodeProcess) -> list[str]:
    return [line for line in monitor.lines if line.startswith('{')]
