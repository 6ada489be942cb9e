# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Files and what is in them: videos, images, NPZ, JSON, bags, calibrations, motion capture."""
