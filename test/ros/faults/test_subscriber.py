# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Reliable subscribers that stop reading."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import signal

from ros.faults.bench import Bench
from support.clips import write_clip
from support.processes import NodeProcess


def test_subscribers_that_stop_reading_do_not_stall_others(
        bench: Bench, start: Callable[..., NodeProcess], tmp_path: Path) -> None:
    """A monitor and a recorder, both reliable, are suspended while the camera runs."""
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
    # Several times the depth of the history of the node
    bench.listener.spin_until(lambda: len(bench.listener.skeletons) > answers + 60)

    os.kill(monitor.pid, signal.SIGCONT)  # the monitor gets new results again
    said = len(monitor.lines)
    bench.listener.spin_until(lambda: any(
        '"processed": 0' not in line for line in monitor.lines[said + 2:]))

    assert bench.node.end(signal.SIGINT) == 0  # the recorder is still suspended
    assert camera.end(signal.SIGINT) == 0
