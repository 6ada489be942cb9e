# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Measurements of camera, node and subscriber as processes over DDS."""

from __future__ import annotations

import json
from pathlib import Path
import tempfile
import time

import psutil

from pose_machine_ros.benchmark.case import Case
from pose_machine_ros.benchmark.footage import Footage, FPS, in_turn
from pose_machine_ros.benchmark.percentiles import NAMES
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.evaluation.host import busy_seconds
from pose_machine_ros.io.video_writer import VideoWriter
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.process_group import ProcessGroup

_POLL_SECONDS = 0.02
_SLACK_SECONDS = 60.0  # on a busy machine a report is late


def measure(case: Case, footage: Footage, config: MachineConfig, seconds: float,
            calibration: Path | None = None) -> dict:
    """Return the figures of a case whose camera plays its images in a loop at 30 Hz.

    They are taken over `seconds` seconds, after a period of the same length. `latency_ms` is the
    time from the image's stamp to the receipt of the skeletons by a subscriber. `cpu_ms` is, for
    each process, the CPU time of a frame that it handled: the camera sends, the node and the
    subscriber receive. `calibration` is that of the camera. Raises InputError with the end of its
    output for a process that fails.
    """
    with tempfile.TemporaryDirectory() as folder, ProcessGroup() as group:
        video = Path(folder) / 'footage.mp4'
        with VideoWriter(video, FPS) as writer:
            for image in in_turn(footage.images(case)):
                writer.add(image)
        node = group.start('node', **{
            'device': config.device, 'keypoints2d.backend': config.keypoints.backend,
            'tracking.max_people': config.tracking.max_people,
            'correction.mode': config.lifting.correction,
            'person_height': config.lifting.person_height,
            'image.rotation': config.lifting.rotation})
        device = node.wait_for(r'ready on (\S+),')[1]
        subscriber = group.start('monitor', period=seconds)
        camera = group.start('video_camera', file=video, rate=FPS, loop='true',
                             wait_for_subscribers=1,
                             **({'calibration': calibration} if calibration else {}))
        camera.wait_for('playing')
        processes = {'camera': camera, 'node': node, 'subscriber': subscriber}
        seen = 0
        end = time.monotonic() + _SLACK_SECONDS
        while True:  # the first period with results is for the warm-up
            seen += 1
            if _report(group, subscriber, seen, seconds)['processed']:
                break
            if time.monotonic() > end:
                raise node.failure(f'published nothing in {_SLACK_SECONDS:.0f} s')
        start, cpu, busy = time.monotonic(), _cpu_seconds(processes), busy_seconds()
        report = _report(group, subscriber, seen + 1, seconds)
        taken = time.monotonic() - start
        cpu = {name: after - cpu[name] for name, after in _cpu_seconds(processes).items()}
        others = busy_seconds() - busy - sum(cpu.values())
        memory_mb = {name: round(psutil.Process(p.pid).memory_info().rss * 1e-6, 1)
                     for name, p in processes.items()}
        group.check_running()
    received = report['processed']
    if not received:
        raise node.failure(f'published nothing in {seconds:.1f} s; measure more --frames')
    frames = {'camera': report['sent'], 'node': received, 'subscriber': received}
    return {
        'footage': case.footage, 'people': case.people, 'size': case.size_name,
        'device': device, 'people_seen': report['people'], 'sent': report['sent'],
        'received': received, 'frames_per_second': round(received / report['span'], 2),
        'latency_ms': {name: report[f'receipt_{name}_ms'] for name in NAMES},
        'cpu_ms': {name: round(1e3 * cpu[name] / max(frames[name], 1), 2) for name in processes},
        'memory_mb': memory_mb, 'other_cores': round(max(others, 0) / taken, 2)}


def _report(group: ProcessGroup, subscriber: NodeProcess, number: int, period: float) -> dict:
    """Wait for the subscriber's report of this number, from 1 on, and return it."""
    end = time.monotonic() + period + _SLACK_SECONDS
    while time.monotonic() < end:
        group.check_running()
        reports = [line for line in subscriber.lines if line.startswith('{')]
        if len(reports) >= number:
            return json.loads(reports[number - 1])
        time.sleep(_POLL_SECONDS)
    raise subscriber.failure(f'reported nothing for {period + _SLACK_SECONDS:.0f} s')


def _cpu_seconds(processes: dict[str, NodeProcess]) -> dict[str, float]:
    """Return the CPU time of each process so far, over all threads."""
    times = {name: psutil.Process(p.pid).cpu_times() for name, p in processes.items()}
    return {name: t.user + t.system for name, t in times.items()}
