# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The demo: a video played to the node over DDS, and a summary of what was recorded."""
