# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How nodes start, run and end, on every ROS 2 distribution."""
