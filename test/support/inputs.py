# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Input files for the commands, and a check of their errors."""

import numpy as np
from support.observations import standing_pose

from pose_machine_ros import cli

MATRIX = np.array([[600.0, 0, 202], [0, 600, 360], [0, 0, 1]])
CALIBRATION = (
    'image_width: 404\nimage_height: 720\ncamera_name: test\ndistortion_model: plumb_bob\n'
    'camera_matrix: {rows: 3, cols: 3, data: [600, 0, 202, 0, 600, 360, 0, 0, 1]}\n'
    'distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}\n')


def person(frames=20):
    """Return a person who walks away: joints (F, 17, 3) in metres, Human3.6M-17 keypoints in px."""
    walk = np.array([0, 0, 1 / 30]) * np.arange(frames)[:, None, None]
    # standing_pose faces the camera: its left side is on the right of the image.
    joints = standing_pose().numpy() + [0.3, 0.1, 4] + walk
    pixels = joints @ MATRIX.T
    pixels = pixels[..., :2] / pixels[..., 2:]
    return joints, np.concatenate((pixels, np.ones((frames, 17, 1))), -1)


def fails(capsys, *arguments):
    """Run a command that must fail with an error message; return the message."""
    assert cli.main([str(a) for a in arguments]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].startswith('pose-machine: ')
    return said[-1]
