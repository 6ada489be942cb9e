# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The soak as users run it, for most of a minute or for POSE_MACHINE_SOAK_MINUTES."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
import signal
import subprocess
import sys

import cv2
import pytest
from support.clips import write_clip
from support.processes import PATIENCE, wait_until

MINUTES = float(os.environ.get('POSE_MACHINE_SOAK_MINUTES', 0.75))
# In a short soak the memory pools are still growing; a node that kept its frames would grow by
# more than that.
MORE_MEMORY = 20 if MINUTES >= 20 else 100
COMMAND = [sys.executable, '-m', 'pose_machine_ros.cli', 'soak']
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp('soak') / 'clip.avi', 40)


def test_a_node_at_work_does_not_grow(clip: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, '--video', clip, '--minutes', str(MINUTES), '--every', str(MINUTES * 60 / 45),
         '--more-memory', str(MORE_MEMORY), '--json', tmp_path / 'soak.json',
         '--csv', tmp_path / 'soak.csv', '--plot', tmp_path / 'soak.png'],
        capture_output=True, text=True, timeout=MINUTES * 60 + 4 * PATIENCE, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr

    summary = json.loads((tmp_path / 'soak.json').read_text())
    assert summary['complaints'] == []
    assert summary['seconds'] >= MINUTES * 60
    assert summary['frames_sent'] > summary['seconds']  # 30 Hz, less on a slow machine
    assert summary['frames_processed'] > 0.2 * summary['seconds']
    assert 0 < summary['latency_ms']['p50'] <= summary['latency_ms']['p99']
    assert 100 < summary['memory_mb']['end'] <= summary['memory_mb']['most']

    with (tmp_path / 'soak.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 20 and len(rows) == done.stdout.count(' MB ')
    seconds = [float(row['seconds']) for row in rows]
    assert seconds == sorted(set(seconds))
    assert sum(int(row['processed']) for row in rows) == summary['frames_processed']
    assert cv2.imread(str(tmp_path / 'soak.png')).std() > 10


def test_an_interrupted_soak_ends_its_processes_and_says_that_it_was_short(clip: Path) -> None:
    process = subprocess.Popen([*COMMAND, '--video', clip, '--minutes', '1', '--every', '0.5'],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               cwd=ROOT)
    try:
        lines = [process.stdout.readline()]
        while ' MB ' not in lines[-1] and lines[-1]:
            lines.append(process.stdout.readline())
        children = _children(process.pid)
        assert len(children) == 3  # node, monitor, camera
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2
        assert 'interrupted' in rest and 'samples are too few' in rest and 'Traceback' not in rest
        wait_until(lambda: not any(Path(f'/proc/{pid}').exists() for pid in children), PATIENCE,
                   lambda: 'a process was left behind')
    finally:
        process.kill()


def _children(pid: int) -> list[int]:
    import psutil
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


@pytest.mark.parametrize('options, complaint', [
    (['--video', 'nowhere.mp4'], 'there is no video file nowhere.mp4'),
    (['--minutes', '1'], 'too short for 12 samples'),
    (['--rate', '0', '--minutes', '5'], 'rate = 0.0 must be positive'),
    (['--more-threads', '-1'], 'threads = -1'),
    (['--device', 'cuda:99'], 'cuda:99'),
])
def test_a_soak_that_cannot_run_says_why(clip: Path, options: list[str], complaint: str) -> None:
    done = subprocess.run([*COMMAND, '--video', clip, *options], capture_output=True, text=True,
                          timeout=PATIENCE, cwd=ROOT)
    assert done.returncode == 2
    assert complaint in done.stderr and 'Traceback' not in done.stderr
