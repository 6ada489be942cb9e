# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Files with the keypoints of one person."""

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.io.keypoint_file import KeypointFile

CAMERA = Camera.from_fov(640, 480)


def write_keypoints(folder, frames=100, fps=60, name='a'):
    rng = np.random.default_rng(frames)
    keypoints = np.concatenate((rng.uniform(100, 400, (frames, 17, 2)),
                                rng.uniform(0.3, 0.9, (frames, 17, 1))), -1).astype(np.float32)
    keypoints[3, 4] = np.nan, np.nan, 0
    stamps = np.round(np.arange(frames) / fps * 1e9).astype(np.int64)
    folder.mkdir(exist_ok=True)
    KeypointFile(stamps, keypoints, CAMERA).write(folder / f'{name}.npz')
    return keypoints
