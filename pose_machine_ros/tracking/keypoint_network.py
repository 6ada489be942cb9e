# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The interface of a 2D keypoint network that the tracker uses."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import Detections, Refined

UploadedFrame = Any  # opaque to the tracker: a frame on the device of the network
Crops = Any  # opaque to the tracker: P parts of a frame


class KeypointNetwork(Protocol):
    """A detector for whole frames and a keypoint network for crops of one person.

    `PoseNetwork2D` implements it. Keypoints are COCO-17, (17, 3): u and v in px of the frame, score
    in [0, 1]. Regions (P, 4) are squares of the frame: centre u, v and side in px, turn in radians;
    see keypoints2d/crops.py.
    """

    config: Keypoints2DConfig

    def upload(self, image: np.ndarray) -> UploadedFrame:
        """Copy a frame (H, W, 3) uint8 BGR to the device of the network."""

    def detect(self, frame: UploadedFrame, count: int, long_side: int, rotation: int) -> Detections:
        """Return rough keypoints of at most `count` people in a frame.

        The frame is scaled to a longer side of `long_side` px, and turned clockwise by `rotation`
        degrees, a multiple of 90, so that people are upright. Another thread may call this than the
        other methods, at the same time.
        """

    def crop(self, frame: UploadedFrame, regions: np.ndarray) -> Crops:
        """Return the `regions` (P, 4) of a frame."""

    def refine(self, cut: Crops, regions: np.ndarray) -> Refined:
        """Return the keypoints of the person in each crop, and features if it has any."""
