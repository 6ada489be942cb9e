# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The executables of this package: `python -m pose_machine_ros.ros NAME --ros-args ...`.

The imports of a node take seconds. A signal that arrives before the node exists ends the process
immediately, because there is nothing to clean up. Therefore this module imports no node at its top.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import NoReturn

_MODULES = {  # by the name on the command line
    'fusion': 'fusion_node',
    'monitor': 'tools.monitor',
    'multi_camera': 'multi_camera',
    'node': 'node',
    'recorder': 'tools.recorder',
    'video_camera': 'tools.video_camera',
}


def run(name: str, args: list[str] | None = None) -> NoReturn:
    """Run `main` of the module that `name` stands for, and exit with its status.

    `main` has shut everything down when it returns. `os._exit` skips the interpreter's own
    shutdown, which takes longer and can hang in a library.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    status = importlib.import_module(f'pose_machine_ros.ros.{_MODULES[name]}').main(args)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def pose_machine_node() -> NoReturn:
    """Run the node for one camera."""
    run('node')


def fusion_node() -> NoReturn:
    """Run the node that fuses the skeletons of several cameras."""
    run('fusion')


def multi_camera_node() -> NoReturn:
    """Run the nodes for several cameras in one process."""
    run('multi_camera')


def recorder() -> NoReturn:
    """Run the recorder."""
    run('recorder')


def video_camera() -> NoReturn:
    """Run the node that plays a video file as a camera."""
    run('video_camera')


if __name__ == '__main__':
    if sys.argv[1:2] not in [[name] for name in _MODULES]:
        sys.exit(f'name what to run, one of {", ".join(_MODULES)}: '
                 'python -m pose_machine_ros.ros NAME')
    run(sys.argv[1], sys.argv[1:])
