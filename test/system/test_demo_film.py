# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The rendered video of the demo, from a video with variable frame rate."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage
from support.people import header

from pose_machine_ros.commands.demo import render
from pose_machine_ros.io import bags


def test_recorded_frames_last_as_long_as_they_did(tmp_path: Path) -> None:
    times = [1, 1.1, 1.5, 1.6, 1.7, 1.8]
    writer = bags.BagWriter(tmp_path / 'bag')
    for i, time in enumerate(times):
        stamp = header(time)
        picture = CompressedImage(header=stamp, format='jpeg')
        picture.data.frombytes(cv2.imencode('.jpg', np.full((240, 320, 3), 40 * i, np.uint8))[1])
        for topic, message in (('/camera_info', CameraInfo(header=stamp, width=320, height=240)),
                               ('/image/compressed', picture)):
            writer.write(topic, f'sensor_msgs/msg/{type(message).__name__}',
                         bags.stamp_of(stamp), serialize_message(message))
    writer.close()
    render(tmp_path / 'bag', tmp_path / 'film.mp4', tmp_path / 'still.png', 60, by_stamps=True)
    capture = cv2.VideoCapture(str(tmp_path / 'film.mp4'))
    count = 0
    while capture.read()[0]:
        count += 1
    assert count / 60 == pytest.approx(0.8 + 0.1, abs=1.5 / 60)
