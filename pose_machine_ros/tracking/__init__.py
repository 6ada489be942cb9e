# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Multi-person tracking: the people of one camera from frame to frame, in 2D."""
