# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine`: the pose machine from the command line; ROS is optional."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import logging
import sys

from pose_machine_ros.commands import (
    benchmark, calibrate_rig, demo, evaluate, import_mocap, keypoints, lift, render_people, run,
    sample_people, soak, train, train_appearance, view)
from pose_machine_ros.errors import PoseMachineError

_COMMANDS = {'run': run, 'lift': lift, 'keypoints': keypoints, 'calibrate-rig': calibrate_rig,
             'import-mocap': import_mocap,
             'render-people': render_people, 'sample-people': sample_people, 'train': train,
             'train-appearance': train_appearance, 'evaluate': evaluate,
             'benchmark': benchmark, 'soak': soak, 'demo': demo, 'view': view}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 2 for unusable input, 130 if interrupted.

    A command may also return a status of its own.
    """
    parser = argparse.ArgumentParser(prog='pose-machine', description=__doc__)
    subparsers = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    for name, module in _COMMANDS.items():
        summary = module.__doc__.partition(': ')[2].strip().rstrip('.')
        module.add_arguments(subparsers.add_parser(name, help=summary, description=summary))
    args = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format='%(message)s')
    try:
        return _COMMANDS[args.command].run(args) or 0
    except PoseMachineError as error:
        print(f'pose-machine: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('pose-machine: interrupted', file=sys.stderr)
        return 130


if __name__ == '__main__':
    sys.exit(main())
