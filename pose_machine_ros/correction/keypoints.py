# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which keypoints of COCO-17 are joints of HUMAN36M_17, and can so be compared in the image."""

from __future__ import annotations

from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17

_SHARED = [n for n in HUMAN36M_17.names if n in COCO_17.names]
SHARED_JOINTS = [HUMAN36M_17.index(n) for n in _SHARED]  # rows of a (17, 3) pose
SHARED_KEYPOINTS = [COCO_17.index(n) for n in _SHARED]  # rows of the (17, 2) keypoints
