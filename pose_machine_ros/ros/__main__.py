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
from typing import NoReturn

_MODULES = {'monitor': 'tools.monitor', 'multi_camera': 'multi_camera', 'node': 'node',
            'recorder': 'tools.recorder', 'video_camera': 'tools.video_camera'}


def run(name: str, args: list[str] | None = None) -> NoReturn:
    """Run `main` of the module of this name, and end the process with its exit status.

    Nothing is left to be done by then. Taking the interpreter down with all its libraries takes
    longer than the rest of the end, and nothing ends what hangs there.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    status = importlib.import_module(f'pose_machine_ros.ros.{_MODULES[name]}').main(args)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def pose_machine_node() -> NoReturn:
    """Run the node."""
    run('node')


def multi_camera_node() -> NoReturn:
    """Run a node for each of several cameras."""
    run('multi_camera')


def recorder() -> NoReturn:
    """Run the recorder."""
    run('recorder')


def video_camera() -> NoReturn:
    """Run the camera stand-in."""
    run('video_camera')


if __name__ == '__main__':
    if sys.argv[1:2] not in [[name] for name in _MODULES]:
        sys.exit(f'name what to run, one of {", ".join(_MODULES)}: '
                 'python -m pose_machine_ros.ros NAME')
    run(sys.argv[1], sys.argv[1:])
