# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The soak: the node at work for long, and whether it grows. Knows no ROS: it starts processes."""
