# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Child processes: how they start and end, the signals they get, their ROS domain."""
