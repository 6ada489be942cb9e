# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The executables: `python -m pose_machine_ros.ros NAME --ros-args ...`.

What a node imports takes seconds, and there is nothing to tidy up before it is made: a signal that
comes meanwhile ends the process at once. That is why nothing is imported here at the top.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys

_MODULES = ('monitor', 'multi_camera', 'node', 'recorder', 'video_camera')


def run(module: str, args: list[str] | None = None) -> int:
    """Run `main` of a module beside this one; returns the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    return importlib.import_module(f'pose_machine_ros.ros.{module}').main(args)


def pose_machine_node() -> int:
    """Run the node."""
    return run('node')


def multi_camera_node() -> int:
    """Run a node for each of several cameras."""
    return run('multi_camera')


def recorder() -> int:
    """Run the recorder."""
    return run('recorder')


def video_camera() -> int:
    """Run the camera stand-in."""
    return run('video_camera')


if __name__ == '__main__':
    if sys.argv[1:2] not in [[name] for name in _MODULES]:
        sys.exit(f'name what to run, one of {", ".join(_MODULES)}: '
                 'python -m pose_machine_ros.ros NAME')
    sys.exit(run(sys.argv[1], sys.argv[1:]))
