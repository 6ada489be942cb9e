# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node with faults in its 2D network, as a program for tests.

The environment variable FAULTS is the path of a file with one word per line. Each call of `refine`
of the network removes one word and causes that fault.
"""

from __future__ import annotations

import os
from pathlib import Path
import sys
import time

import torch

from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.ros import node


def error() -> None:
    raise ZeroDivisionError('of the test')


def full_memory() -> None:
    raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 9.00 '
                                 'MiB free. See documentation')


def hang() -> None:
    print('hanging', flush=True)
    time.sleep(1000)


def main() -> int:
    refine, file = PoseNetwork2D.refine, Path(os.environ['FAULTS'])

    def faulty(self: PoseNetwork2D, *arguments: object) -> object:
        if file.exists():
            word, *rest = file.read_text().split()
            file.write_text('\n'.join(rest)) if rest else file.unlink()
            {'error': error, 'full_memory': full_memory, 'hang': hang}[word]()
        return refine(self, *arguments)

    PoseNetwork2D.refine = faulty
    return node.main()


if __name__ == '__main__':
    sys.exit(main())
