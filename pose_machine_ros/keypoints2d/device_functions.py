# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a GPU does with a frame in 2D: functions of tensors, each of which is one CUDA graph.

Nothing in them waits for the device, and their shapes depend on those of their arguments only. They
run on a CPU too, which is how they are tested.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.keypoints2d import crops
from pose_machine_ros.keypoints2d.backends import Runner
from pose_machine_ros.keypoints2d.config import INPUT_MULTIPLE
from pose_machine_ros.keypoints2d.decoding import decode_multi, decode_person


def keypoints_of_crops(matrices: Tensor, frame: Tensor, runner: Runner, size: int) -> Tensor:
    """Return keypoints (P, 51) of the person in each crop: 17 times u, v in px of the frame, score.

    `matrices` (P, 6) are those of `crops.to_image_matrices`, for crops of `size` px; `frame`
    (H, W, 3) is uint8 BGR. If the runner gives features, those sampled at the person follow in each
    row: APPEARANCE_POINTS times C.
    """
    matrices = matrices.view(-1, 2, 3)
    keypoints, features = decode_person(*runner(crops.sample(frame, matrices, size)))
    places, scores = keypoints.split((2, 1), -1)
    places = torch.baddbmm(matrices[:, None, :, 2], places, matrices[:, :, :2].mT)
    rows = torch.cat((places, scores), -1).flatten(1)
    return rows if features is None else torch.cat((rows, features.flatten(1)), 1)


def detect_people(frame: Tensor | crops.UploadedImage, runner: Runner, count: int, long_side: int,
                  rotation: int) -> Tensor:
    """Return rough keypoints and score (N, 52) of N = `count` people, or fewer in small images.

    Keypoints are u, v in px of the frame (H, W, 3) as it is rotated, and score. The other arguments
    are those of `PoseNetwork2D.detect`.
    """
    small, scale = crops.letterbox(frame, long_side, INPUT_MULTIPLE, rotation)
    keypoints, _, scores = (x[0] for x in decode_multi(*runner(small), count=count))
    places, certainty = keypoints.split((2, 1), -1)
    places = (places + 0.5) / scale - 0.5
    return torch.cat((torch.cat((places, certainty), -1).flatten(1), scores[:, None]), 1)
