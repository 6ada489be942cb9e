# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The benchmark: time, CPU time, torch calls and memory of a frame, and the page of its figures."""
