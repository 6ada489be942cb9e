# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Start, lifecycle and end of nodes, for every ROS 2 distribution."""
