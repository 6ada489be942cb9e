# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from itertools import accumulate
import os
from pathlib import Path

import cv2
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.video import strictly_rising, VideoFile

DATA = Path(__file__).parents[1] / 'data'
THIRD = 100 / 3
TIMES_MS = {  # of the frames of clips in `DATA`, since the first one
    'phone.mp4': list(accumulate([THIRD] * 20 + [2 * THIRD] * 10 + [THIRD] * 9, initial=0)),
    'browser.webm': [0, 83, 171, 250, 329, 420, 498, 581, 667, 752, 830, 911, 1003, 1080, 1163,
                     1251, 1330, 1414, 1502, 1577],
    'repeated.mkv': [0, 40, 80, 120, 160, 200, 240, 280, 320],  # 40 and 160 are there repeatedly
}
STEP = 40_000_000  # ns


@pytest.fixture
def video(tmp_path):
    """Ten frames at 20 Hz, each a little brighter."""
    path = tmp_path / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 20, (64, 48))
    for i in range(10):
        writer.write(np.full((48, 64, 3), 20 * i, np.uint8))
    writer.release()
    return path


def test_frames_come_in_order_with_the_time_they_were_taken(video):
    file = VideoFile(video)
    assert (file.width, file.height, len(file)) == (64, 48, 10)
    assert file.fps == pytest.approx(20)
    frames = list(file)
    stamps = [s for s, _ in frames]
    np.testing.assert_allclose(np.diff(stamps), 50e6, atol=1e6)
    assert stamps[0] == 0
    assert all(abs(image.mean() - 20 * i) < 5 for i, (_, image) in enumerate(frames))


def test_a_file_can_be_read_twice(video):
    file = VideoFile(video)
    assert [s for s, _ in file] == [s for s, _ in file]


@pytest.mark.parametrize('content', [None, b'', b'no video', 'half'])
def test_what_is_no_video_is_named(tmp_path, video, content):
    path = tmp_path / 'video.mp4'
    if content == 'half':
        content = video.read_bytes()[:2000]
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match='video.mp4'):
        VideoFile(path)


@pytest.mark.parametrize('name', TIMES_MS)
def test_stamps_are_those_of_the_container(name):
    frames = list(VideoFile(DATA / name))
    np.testing.assert_allclose([s * 1e-6 for s, _ in frames], TIMES_MS[name], atol=1)
    greys = [image.mean() for _, image in frames]
    assert (np.diff(greys) > 1).all()  # each frame once, in order


@pytest.mark.parametrize('name, fps, is_constant', [
    ('phone.mp4', 30, False), ('browser.webm', 12, False), ('repeated.mkv', 25, False)])
def test_the_rate_is_the_usual_one(name, fps, is_constant):
    file = VideoFile(DATA / name)
    assert file.fps == pytest.approx(fps, rel=0.05)
    assert file.has_constant_rate == is_constant
    assert len(file) == pytest.approx(len(TIMES_MS[name]), abs=1)


def test_a_constant_rate_is_known_as_such(video):
    assert VideoFile(video).has_constant_rate


def stamps(times_ns):
    frames = list(strictly_rising(((t, i) for i, t in enumerate(times_ns)), STEP))
    assert [i for _, i in frames] == list(range(len(times_ns)))
    return [s for s, _ in frames]


@given(st.lists(st.integers(-10 ** 12, 10 ** 12), max_size=40))
def test_stamps_begin_at_zero_and_rise_for_all_times(times_ns):
    found = stamps(times_ns)
    assert found[:1] == [0] * bool(times_ns)
    assert all(a < b for a, b in zip(found, found[1:]))


@given(st.lists(st.integers(1, 10 ** 9), max_size=40), st.integers(-10 ** 12, 10 ** 12))
def test_times_that_rise_are_kept(steps, first):
    times = list(accumulate(steps, initial=first))
    assert stamps(times) == [t - first for t in times]


@pytest.mark.parametrize('times, expected', [
    ([0, 1, 1, 2], [0, 1, 1.5, 2]),  # repeated
    ([0, 1, 0.5, 3], [0, 1, 2, 3]),  # goes back, once
    ([0, 1, 2, 2], [0, 1, 2, 3]),  # at the end
    ([0] * 12, range(12)),  # no times at all
    ([7, 8, 9] + [0, 1, 2, 3, 4, 5.5, 6], [0, 1, 2] + [3, 4, 5, 6, 7, 8.5, 9])])  # a second part
def test_times_that_do_not_rise(times, expected):
    found = stamps([round(t * STEP) for t in times])
    assert found == [round(t * STEP) for t in expected]


@pytest.mark.parametrize('address', [
    '0', '/dev/video0', '/dev/null', '/dev/v4l/by-id/usb-Cam-index0',
    'rtsp://user:secret@10.0.0.2:554/stream', 'http://example.org/a.mp4',
    'https://example.org/a.mp4', 'udp://@:1234', 'RTSP://cam/1'])
@pytest.mark.parametrize('kind', [str, Path])
def test_cameras_and_streams_go_through_ros(address, kind):
    with pytest.raises(InputError) as caught:
        VideoFile(kind(address))
    said = str(caught.value)
    assert said.startswith(f'{address} ')
    assert 'only video files' in said and 'camera.launch.py' in said


@pytest.mark.parametrize('path', ['no.mp4', 'C:/no.mp4', '-', 'file:///no.mp4'])
def test_a_file_that_is_not_there_is_no_camera(path):
    with pytest.raises(InputError, match='there is no video file') as caught:
        VideoFile(path)
    assert path in str(caught.value)


@pytest.mark.parametrize('kind', [str, Path])
@pytest.mark.parametrize('begin', ['file://', 'file://localhost', 'FILE://'])
def test_the_url_of_a_file_is_its_path(tmp_path, video, kind, begin):
    path = tmp_path / 'two words.avi'
    video.rename(path)
    url = path.as_uri().replace('file://', begin)
    assert '%20' in url
    assert len(list(VideoFile(kind(url)))) == 10


def test_a_rate_that_varies_later_is_not_constant(tmp_path):
    """A video whose header and first three seconds are of one rate."""
    path, count = tmp_path / 'video.mkv', 100

    class Capture:

        def __init__(self, *_):
            self.position = -1

        def isOpened(self):  # noqa: N802
            return True

        def grab(self):
            self.position += 1
            return self.position < count

        def read(self):
            return self.grab(), np.zeros((48, 64, 3), np.uint8)

        def get(self, what):
            late = max(self.position - 90, 0)
            return {cv2.CAP_PROP_POS_MSEC: (self.position + late) * 1000 / 30,
                    cv2.CAP_PROP_FPS: 30.0}.get(what, float(count))

        def release(self):
            pass

    path.write_bytes(b'-')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cv2, 'VideoCapture', Capture)
        file = VideoFile(path)
        assert file.begins_at_constant_rate and not file.has_constant_rate
        assert file.fps == 30


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(InputError, match='folder'):
        VideoFile(tmp_path)


def test_a_file_may_be_called_like_a_camera(tmp_path, video, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.rename(video, '0')
    assert len(list(VideoFile('0'))) == 10
