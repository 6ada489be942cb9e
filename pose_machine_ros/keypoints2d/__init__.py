# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D pose estimation: from a frame to the COCO-17 keypoints of all people in it."""
