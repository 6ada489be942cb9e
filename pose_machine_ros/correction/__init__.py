# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Self-supervised correction: the 3D pose is corrected so that it projects onto the keypoints."""
