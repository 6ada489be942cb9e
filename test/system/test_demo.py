# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The demo as users run it: camera, node and recorder processes, and the recording."""

from __future__ import annotations

from collections.abc import Iterator
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time
import uuid

import cv2
import numpy as np
import pytest
from rclpy.serialization import deserialize_message
from rosbags.rosbag2 import Reader
from support.clips import write_clip
from support.processes import PATIENCE

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.io import bags
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.skeleton import HUMAN36M_17

FRAMES = 30
COMMAND = [sys.executable, '-m', 'pose_machine_ros.cli', 'demo']
ROOT = Path(__file__).parents[2]


def demo(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True,
                          timeout=4 * PATIENCE, cwd=ROOT)


def video_of(path: Path) -> Iterator[np.ndarray]:
    """Iterate over the images of a video."""
    capture = cv2.VideoCapture(str(path))
    while (read := capture.read())[0]:
        yield read[1]


def processes_with(mark: str) -> list[int]:
    """Return the processes that have `mark` in their environment."""
    found = []
    for path in Path('/proc').glob('[0-9]*/environ'):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # ended meanwhile, or of another user
            pass
    return found


@pytest.fixture(scope='module')
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('demo')
    (folder / 'out' / 'bag').mkdir(parents=True)
    (folder / 'out' / 'bag' / 'metadata.yaml').write_text('of an earlier run')
    (folder / 'out' / 'notes.txt').write_text('mine')
    done = demo('--video', write_clip(folder / 'clip.avi', FRAMES), '--out', folder / 'out')
    assert done.returncode == 0, done.stderr
    return folder / 'out'


def test_the_summary_counts_what_happened(output: Path) -> None:
    summary = json.loads((output / 'summary.json').read_text())
    assert summary['frames_published'] == summary['frames_recorded'] == FRAMES
    assert 0 < summary['frames_processed'] <= FRAMES
    assert summary['skeleton_messages'] == summary['frames_processed']
    assert summary['marker_messages'] >= summary['skeleton_messages']
    assert max(summary['people'].values()) > summary['frames_processed'] / 2
    assert 0 < summary['latency_ms']['p50'] <= summary['latency_ms']['p99']
    assert summary['device'] in ('cpu', 'cuda')


def test_the_recording_holds_every_topic(output: Path) -> None:
    topics: dict[str, int] = {}
    for topic, _, _ in bags.read_messages(output / 'bag'):
        topics[topic] = topics.get(topic, 0) + 1
    assert topics['/image/compressed'] == topics['/camera_info'] == FRAMES
    assert topics['/pose_machine/skeleton_model'] == 1
    assert {'/pose_machine/skeletons', '/pose_machine/markers'} <= set(topics)


def test_recorded_messages_are_those_that_ros_reads(output: Path) -> None:
    with Reader(output / 'bag') as reader:
        raw = [data for connection, _, data in reader.messages()
               if connection.msgtype == 'pose_machine_msgs/msg/Skeleton3DArray']
    last = deserialize_message(raw[-1], Skeleton3DArray)
    assert last.header.frame_id == 'camera' and last.model == HUMAN36M_17.name
    ours = [m for t, _, m in bags.read_messages(output / 'bag') if t.endswith('/skeletons')][-1]
    joint, expected = ours.skeletons[0].joints[0], last.skeletons[0].joints[0]
    assert (joint.position.x, joint.score) == (expected.position.x, pytest.approx(expected.score))


def test_stamps_of_results_are_stamps_of_images(output: Path) -> None:
    stamps: dict[str, list[int]] = {}
    for topic, _, message in bags.read_messages(output / 'bag'):
        if hasattr(message, 'header'):
            stamps.setdefault(topic, []).append(header_stamp_ns(message.header))
    assert set(stamps['/pose_machine/skeletons']) <= set(stamps['/image/compressed'])


def test_the_video_shows_every_frame_and_the_still_both_sides(output: Path) -> None:
    assert sum(1 for _ in video_of(output / 'skeletons.mp4')) == FRAMES
    still = cv2.imread(str(output / 'skeletons.png'))
    assert still.std() > 20 and still[:, still.shape[1] // 2:].std() > 3


def test_other_files_in_the_folder_stay(output: Path) -> None:
    assert (output / 'notes.txt').read_text() == 'mine'


def test_a_folder_named_bag_with_other_files_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / 'bag').mkdir()
    (tmp_path / 'bag' / 'tent.txt').write_text('mine')
    done = demo('--video', write_clip(tmp_path / 'clip.avi', 2), '--out', tmp_path)
    assert done.returncode == 1 and str(tmp_path / 'bag') in done.stderr
    assert (tmp_path / 'bag' / 'tent.txt').read_text() == 'mine'


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_processes(number: signal.Signals, tmp_path: Path) -> None:
    mark = f'POSE_MACHINE_TEST={uuid.uuid4()}'
    clip = write_clip(tmp_path / 'clip.avi', 100)  # ten seconds: longer than the test
    out = tmp_path / 'out'
    process = subprocess.Popen(
        [*COMMAND, '--video', clip, '--out', out], stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, **dict([mark.split('=')])})
    try:
        end = time.monotonic() + PATIENCE
        while len(processes_with(mark)) < 4 and time.monotonic() < end:
            time.sleep(0.05)
        assert len(processes_with(mark)) == 4
        process.send_signal(number)
        process.send_signal(number)  # a second one, which must not interrupt the clean-up
        _, complaints = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130 and 'interrupted' in complaints
        assert processes_with(mark) == []
    finally:
        process.kill()


def test_a_video_without_people_fails(tmp_path: Path) -> None:
    path = tmp_path / 'empty.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (320, 240))
    for _ in range(8):
        writer.write(np.full((240, 320, 3), 90, np.uint8))
    writer.release()
    done = demo('--video', path, '--out', tmp_path / 'out')
    assert done.returncode == 1 and 'no skeleton was recorded' in done.stderr
    assert json.loads((tmp_path / 'out' / 'summary.json').read_text())['people'] == {}


def test_a_node_that_dies_is_reported(tmp_path: Path) -> None:
    done = demo('--video', write_clip(tmp_path / 'clip.avi', 8), '--out', tmp_path / 'out',
                '--device', 'cuda:99')
    assert done.returncode == 1 and 'cuda:99' in done.stderr
