# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.video import VideoFile


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
