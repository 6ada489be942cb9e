# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A short video of two real people."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

FRAMES = 40  # of the clip in the fixture `clip`
PHOTO = Path(__file__).parents[1] / 'data' / 'balancing.jpg'


def write_clip(path: Path, frames: int) -> Path:
    """Write a video at 10 Hz of a camera that pans over a photograph, 324 x 576 px."""
    photo = cv2.resize(cv2.imread(str(PHOTO)), None, fx=0.8, fy=0.8)
    height, width = (photo.shape[0] // 2 * 2, photo.shape[1] // 2 * 2)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (width, height))
    for i in range(frames):
        writer.write(np.roll(photo, i // 4, axis=1)[:height, :width])
    writer.release()
    return path
