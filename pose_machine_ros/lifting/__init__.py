# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Lifting: from 2D keypoints over time to a 3D pose."""
