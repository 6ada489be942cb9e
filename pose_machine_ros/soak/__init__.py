# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The soak test: the node runs for a long time, and its resources are checked for growth."""
