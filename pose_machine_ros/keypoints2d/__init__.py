# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D pose estimation: from a frame to the COCO-17 keypoints of all people in it."""

from pose_machine_ros.keypoints2d.network import Detections, Keypoints2DConfig, PoseNetwork2D

__all__ = ['Detections', 'Keypoints2DConfig', 'PoseNetwork2D']
