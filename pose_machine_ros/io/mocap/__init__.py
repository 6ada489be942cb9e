# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Motion capture as others publish it, made into the one file that training reads."""
