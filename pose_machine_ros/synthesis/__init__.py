# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Synthetic people, as a camera and a 2D network see them."""
