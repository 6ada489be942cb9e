# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The commands of `pose-machine`: each module has `add_arguments` and `run`.

The docstring of a module describes its command. `run` imports what takes long to import.
"""
