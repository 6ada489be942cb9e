# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The 2D pose sub-network: from a frame to COCO-17 keypoints of everyone in it."""

from pose_machine_ros.keypoints2d.network import Detections, Keypoints2DConfig, PoseNetwork2D

__all__ = ['Detections', 'Keypoints2DConfig', 'PoseNetwork2D']
