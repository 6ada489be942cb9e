# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The commands of `pose-machine`: each module has `add_arguments` and `run`.

A module's docstring says what its command does. What takes long to import is imported by `run`.
"""
