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
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Reader
from sensor_msgs.msg import CameraInfo, CompressedImage
from support.clips import write_clip
from support.people import header, skeleton
from support.processes import PATIENCE

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.commands.demo import render
from pose_machine_ros.io import bags
from pose_machine_ros.ros.conversions.skeletons import skeletons_message
from pose_machine_ros.skeleton import HUMAN36M_17

FRAMES = 30
COMMAND = [sys.executable, '-m', 'pose_machine_ros.commands.demo']
ROOT = Path(__file__).parents[2]


def demo(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True,
                          timeout=4 * PATIENCE, cwd=ROOT)


def film_of(path: Path) -> Iterator[np.ndarray]:
    """Iterate over the frames of a video."""
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
    for topic, _, _ in bags.read(output / 'bag'):
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
    ours = [m for t, _, m in bags.read(output / 'bag') if t.endswith('/skeletons')][-1]
    joint, expected = ours.skeletons[0].joints[0], last.skeletons[0].joints[0]
    assert (joint.position.x, joint.score) == (expected.position.x, pytest.approx(expected.score))


def test_stamps_of_results_are_stamps_of_images(output: Path) -> None:
    stamps: dict[str, list[int]] = {}
    for topic, _, message in bags.read(output / 'bag'):
        if hasattr(message, 'header'):
            stamps.setdefault(topic, []).append(bags.stamp_of(message.header))
    assert set(stamps['/pose_machine/skeletons']) <= set(stamps['/image/compressed'])


def test_the_film_shows_every_frame_and_the_still_both_sides(output: Path) -> None:
    assert sum(1 for _ in film_of(output / 'skeletons.mp4')) == FRAMES
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


def test_the_film_stands_still_where_the_node_left_frames_out(tmp_path: Path) -> None:
    writer = bags.BagWriter(tmp_path / 'bag')

    def write(topic: str, message: object, kind: str) -> None:
        writer.write(topic, kind, bags.stamp_of(message.header), serialize_message(message))

    for i in range(4):
        stamp = header(1 + i / 10)
        picture = CompressedImage(header=stamp, format='jpeg')
        picture.data.frombytes(cv2.imencode('.jpg', np.full((240, 320, 3), 60 * i, np.uint8))[1])
        write('/camera_info', CameraInfo(header=stamp, width=320, height=240),
              'sensor_msgs/msg/CameraInfo')
        write('/image/compressed', picture, 'sensor_msgs/msg/CompressedImage')
        if i % 2 == 0:
            people = [skeleton()] * (i > 0)
            write('/pose_machine/skeletons', skeletons_message(people, stamp, 320, 240, 0),
                  'pose_machine_msgs/msg/Skeleton3DArray')
    writer.close()
    render(tmp_path / 'bag', tmp_path / 'film.mp4', tmp_path / 'still.png', 10)
    film = [picture.astype(int) for picture in film_of(tmp_path / 'film.mp4')]
    changes = [np.abs(b - a).mean() for a, b in zip(film, film[1:])]
    assert len(film) == 4
    assert max(changes[0], changes[2]) < 3 and changes[1] > 20
    assert np.abs(cv2.imread(str(tmp_path / 'still.png')).astype(int) - film[2]).mean() < 3


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


def test_footage_without_people_fails(tmp_path: Path) -> None:
    path = tmp_path / 'empty.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (320, 240))
    for _ in range(8):
        writer.write(np.full((240, 320, 3), 90, np.uint8))
    writer.release()
    done = demo('--video', path, '--out', tmp_path / 'out')
    assert done.returncode == 1 and 'no skeleton came out' in done.stderr
    assert json.loads((tmp_path / 'out' / 'summary.json').read_text())['people'] == {}


def test_a_node_that_dies_is_told_of(tmp_path: Path) -> None:
    done = demo('--video', write_clip(tmp_path / 'clip.avi', 8), '--out', tmp_path / 'out',
                '--device', 'cuda:99')
    assert done.returncode == 1 and 'cuda:99' in done.stderr
