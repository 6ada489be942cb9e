# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Videos last as long as their images, at any times, and are complete or absent."""

import cv2
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.io.video_writer import output_fps, VideoWriter

GREY = np.full((480, 640, 3), 90, np.uint8)


def test_a_video_holds_all_images(tmp_path):
    with VideoWriter(tmp_path / 'video.mp4', 30) as video:
        for _ in range(5):
            video.add(GREY)
    capture = cv2.VideoCapture(str(tmp_path / 'video.mp4'))
    count = 0
    while capture.read()[0]:
        count += 1
    assert count == 5


def greys_of(path, times, fps=30, size=(48, 64)):
    """Write images that get brighter, one at each of `times` in s; return the greys of frames."""
    with VideoWriter(path, fps) as video:
        for i, t in enumerate(times):
            video.add(np.full((*size, 3), 20 * (i + 1), np.uint8), round((5 + t) * 1e9))
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(fps)
    greys = []
    while (read := capture.read())[0]:
        greys.append(round(read[1].mean() / 20))
    return greys


def test_images_at_any_times_stay_until_the_next(tmp_path):
    times = [0, 1 / 30, 2 / 30, 5 / 30, 6 / 30]
    assert greys_of(tmp_path / 'video.mp4', times) == [1, 2, 3, 3, 3, 4, 5]


def test_a_video_lasts_as_long_as_its_images(tmp_path):
    times = np.cumsum(np.random.default_rng(0).uniform(0.04, 0.12, 10))
    greys = greys_of(tmp_path / 'video.mp4', times, fps=60)
    expected = times[-1] - times[0] + np.median(np.diff(times))  # the last step
    assert len(greys) / 60 == pytest.approx(expected, abs=1.5 / 60)
    begins = np.array([greys.index(i) for i in range(1, 11)]) / 60
    np.testing.assert_allclose(begins, times - times[0], atol=0.6 / 60)


def test_of_images_closer_than_a_frame_the_last_is_shown(tmp_path):
    assert greys_of(tmp_path / 'video.mp4', [0, 0.1, 0.101, 0.102, 0.2], fps=10) == [1, 4, 5]


def test_a_greys_of_one_image(tmp_path):
    assert greys_of(tmp_path / 'video.mp4', [0]) == [1]


@pytest.mark.parametrize('earlier', [None, b'earlier'])
def test_a_video_that_fails_is_not_left_behind(tmp_path, earlier):
    path = tmp_path / 'video.mp4'
    if earlier:
        path.write_bytes(earlier)
    with pytest.raises(RuntimeError):
        with VideoWriter(path, 30) as video:
            video.add(GREY)
            raise RuntimeError
    assert [f.name for f in tmp_path.iterdir()] == ['video.mp4'] * bool(earlier)
    assert not earlier or path.read_bytes() == earlier


def test_a_greys_of_no_known_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match='video.txt.*mp4'):
        with VideoWriter(tmp_path / 'video.txt', 30) as video:
            video.add(GREY)


def test_a_video_in_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match='video.mp4'):
        with VideoWriter(tmp_path / 'absent' / 'video.mp4', 30) as video:
            video.add(GREY)


def test_a_copy_of_a_video_has_its_rate(tmp_path):
    greys_of(tmp_path / 'video.mp4', np.arange(6) / 20, fps=20)
    assert output_fps(VideoFile(tmp_path / 'video.mp4')) == pytest.approx(20)
