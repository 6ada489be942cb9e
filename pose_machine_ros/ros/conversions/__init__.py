# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversions between ROS messages and the arrays and classes of the pipeline."""
