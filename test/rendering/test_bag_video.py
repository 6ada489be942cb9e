# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The video of a recording: as long as it was, and never with the skeletons of another image."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage
from support.people import header, skeleton, skeletons_of_image

from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags
from pose_machine_ros.io.messages import header_stamp_ns
from pose_machine_ros.rendering.bag_video import render_bag


def write_bag(path: Path, seconds: list[float], people: dict[int, list]) -> Path:
    """Record images that get brighter, and of some of them, by number, the people."""
    writer = bags.BagWriter(path)

    def write(topic: str, message: object, package: str = 'sensor_msgs') -> None:
        writer.write(topic, f'{package}/msg/{type(message).__name__}',
                     header_stamp_ns(message.header), serialize_message(message))

    for i, time in enumerate(seconds):
        stamp = header(time)
        image = CompressedImage(header=stamp, format='jpeg')
        image.data.frombytes(cv2.imencode('.jpg', np.full((240, 320, 3), 40 * i, np.uint8))[1])
        write('/camera_info', CameraInfo(header=stamp, width=320, height=240))
        write('/image/compressed', image)
        if i in people:
            write('/pose_machine/skeletons', skeletons_of_image(people[i], stamp, 320, 240),
                  'pose_machine_msgs')
    writer.close()
    return path


def frames_of(path: Path) -> list[np.ndarray]:
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(read[1].astype(int))
    return frames


def test_the_video_stands_still_while_the_node_skips_images(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', [1, 1.1, 1.2, 1.3], {0: [], 2: [skeleton()]})
    render_bag(bag, tmp_path / 'video.mp4', tmp_path / 'still.png', 10)
    video = frames_of(tmp_path / 'video.mp4')
    changes = [np.abs(b - a).mean() for a, b in zip(video, video[1:])]
    assert len(video) == 4
    assert max(changes[0], changes[2]) < 3 and changes[1] > 20
    assert np.abs(cv2.imread(str(tmp_path / 'still.png')).astype(int) - video[2]).mean() < 3


def test_images_at_uneven_times_last_as_long_as_they_did(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', [1, 1.1, 1.5, 1.6, 1.7, 1.8], {})
    render_bag(bag, tmp_path / 'video.mp4', tmp_path / 'still.png', 60, by_stamps=True)
    seconds = len(frames_of(tmp_path / 'video.mp4')) / 60
    assert seconds == pytest.approx(0.8 + 0.1, abs=1.5 / 60)
    assert not (tmp_path / 'still.png').exists()  # there was nobody


def test_a_bag_without_a_camera_is_refused(tmp_path: Path) -> None:
    bag = write_bag(tmp_path / 'bag', [], {})
    with pytest.raises(InputError, match='holds no camera_info'):
        render_bag(bag, tmp_path / 'video.mp4', tmp_path / 'still.png', 10)
    assert not (tmp_path / 'video.mp4').exists()
