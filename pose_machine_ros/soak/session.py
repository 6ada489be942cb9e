# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A soak: camera, node and monitor as processes over DDS, and samples of the node's resources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
import json
import time

import psutil

from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.process_group import ProcessGroup
from pose_machine_ros.soak.config import SoakConfig
from pose_machine_ros.soak.growth import Sample

_SLACK_SECONDS = 30.0  # on a busy machine a report is late
_POLL_SECONDS = 0.05
_FIELDS = {f.name for f in fields(Sample)}


def samples(config: SoakConfig) -> Iterator[Sample]:
    """Run the soak and yield a sample every `config.every` seconds.

    The processes end with the iteration. Raises InputError with the end of its output for a process
    that fails, and for a monitor that reports nothing.
    """
    width = config.width or VideoFile(config.video).reduced_width()
    with ProcessGroup() as group:
        node = group.start('node', **config.parameters)
        node.wait_for('ready on')
        monitor = group.start('monitor', period=config.every)
        camera = group.start('video_camera', file=config.video, width=width, rate=config.rate,
                             loop='true', wait_for_subscribers=1)
        camera.wait_for('playing')
        watched, begin, seen = psutil.Process(node.pid), time.monotonic(), len(_lines(monitor))
        while time.monotonic() - begin < config.minutes * 60:
            seen += 1
            figures = _line(monitor, seen, config.every + _SLACK_SECONDS)
            group.check_running()
            with watched.oneshot():
                yield Sample(
                    seconds=round(time.monotonic() - begin, 2),
                    memory_mb=round(watched.memory_info().rss / 2**20, 2),
                    threads=watched.num_threads(), handles=watched.num_fds(), **figures)
        group.stop()
        if errors := [line for line in node.lines if '[ERROR]' in line]:
            raise node.failure(f'logged {len(errors)} errors, the first: {errors[0]}')


def _line(monitor: NodeProcess, number: int, seconds: float) -> dict:
    """Wait for the monitor's report of this number, from 1 on; return what a sample has of it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if len(lines := _lines(monitor)) >= number:
            report = json.loads(lines[number - 1])
            return {name: value for name, value in report.items() if name in _FIELDS}
        time.sleep(_POLL_SECONDS)
    raise monitor.failure(f'reported nothing for {seconds:.0f} s')


def _lines(monitor: NodeProcess) -> list[str]:
    return [line for line in monitor.lines if line.startswith('{')]
