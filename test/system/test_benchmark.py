# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The benchmark over ROS, for about a second; nothing here asserts a time."""

from __future__ import annotations

import json
from pathlib import Path
import subprocess
import sys

from support.clips import write_clip
from support.processes import PATIENCE

ROOT = Path(__file__).parents[2]


def test_camera_node_and_subscriber_are_measured(tmp_path: Path) -> None:
    clip, out = write_clip(tmp_path / 'clip.avi', 6), tmp_path / 'out.json'
    done = subprocess.run(
        [sys.executable, '-m', 'pose_machine_ros.cli', 'benchmark', '--video', clip, '--ros',
         '--people', 'video', '--size', '320x240', '--frames', '45', '--device', 'cpu', '--json',
         out], capture_output=True, text=True, timeout=2 * PATIENCE, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads(out.read_text())
    (row,) = run['over_ros']
    assert run['cases'] == [] and f'{row["received"]} of {row["sent"]}' in done.stdout
    assert 0 < row['received'] <= row['sent'] + 2  # frames before it are in flight
    latency = [row['latency_ms'][name] for name in ('p50', 'p95', 'p99', 'max')]
    assert latency == sorted(latency) and latency[0] > 0
    for name in ('camera', 'node', 'subscriber'):
        assert row['cpu_ms'][name] >= 0 and row['memory_mb'][name] > 20
    assert row['cpu_ms']['node'] > 0 and row['device'] == 'cpu'
