# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D keypoints in JSON files of detectors: OpenPose, COCO results, AlphaPose, MMPose."""

from pose_machine_ros.io.detections.detections import Detection, DetectionSequence
from pose_machine_ros.io.detections.json_file import read_detections

__all__ = ['Detection', 'DetectionSequence', 'read_detections']
