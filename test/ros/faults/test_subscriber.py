# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Subscribers that ask for every message, and then stop reading."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import signal

from ros.faults.bench import Bench
from support.clips import write_clip
from support.processes import NodeProcess


def test_subscribers_that_stop_reading_stall_nothing(
        bench: Bench, start: Callable[..., NodeProcess], tmp_path: Path) -> None:
    """A monitor and a recorder, both reliable, stand still while the camera goes on."""
    monitor = start('monitor', period=0.2)
    recorder = start('recorder', bag=tmp_path / 'bag')
    camera = start('video_camera', file=write_clip(tmp_path / 'clip.avi', 40), loop='true',
                   rate=30.0)
    for process, idle in ((monitor, '"processed": 0'), (recorder, '"skeletons": 0')):
        bench.listener.spin_until(lambda: any(
            line.startswith('{') and idle not in line for line in process.lines))
    for process in (monitor, recorder):
        os.kill(process.pid, signal.SIGSTOP)
    answers = len(bench.listener.skeletons)
    # Several times what the node keeps for them
    bench.listener.spin_until(lambda: len(bench.listener.skeletons) > answers + 60)

    os.kill(monitor.pid, signal.SIGCONT)  # who reads again gets what is new
    said = len(monitor.lines)
    bench.listener.spin_until(lambda: any(
        '"processed": 0' not in line for line in monitor.lines[said + 2:]))

    assert bench.node.end(signal.SIGINT) == 0  # the recorder stands still
    assert camera.end(signal.SIGINT) == 0
