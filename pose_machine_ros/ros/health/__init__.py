# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Statistics of the frames, and their assessment for `/diagnostics`."""
