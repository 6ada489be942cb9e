# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera model: intrinsics, lens distortion, how the image is turned."""
