# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth images: how far the surface of a person is at each keypoint."""
