# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`make fuzz`: the searches of the suite with other inputs each time, until the time is over.

`python test/fuzz.py MINUTES [PYTEST_ARGUMENT ...]`. Ends with status 1 at the first find, and says
how to repeat it. Beyond the time only a find is made small; a search that hangs is ended, and is a
find too.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
import secrets
import signal
import subprocess
import sys
import time

ROOT = Path(__file__).parents[1]
_FINISH_SECONDS = 600.0  # hypothesis makes a find small for 300 at most
_NOTHING_COLLECTED = 5  # of pytest's exit statuses


def search(seed: int, end: float, arguments: list[str]) -> int:
    """Run every search once with a seed; returns pytest's status, 1 where it hangs.

    It ends at `end`, seconds since the epoch, unless it has a find to make small then.
    """
    command = [sys.executable, '-m', 'pytest', '-x', '-q', '-m', 'hypothesis',
               '--hypothesis-profile=fuzz', f'--hypothesis-seed={seed}', *arguments]
    environment = {**os.environ, 'POSE_MACHINE_FUZZ_END': str(end)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        return process.wait(max(end - time.time(), 0) + _FINISH_SECONDS)
    except subprocess.TimeoutExpired:
        print(f'the search hangs {_FINISH_SECONDS:.0f} s after the time is over', flush=True)
        return 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # with the nodes that it started
            process.wait()


def main() -> int:
    """Search until the time is over or something is found; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('minutes', type=float)
    options, arguments = parser.parse_known_args()
    if not 0 < options.minutes < float('inf'):
        parser.error(f'minutes = {options.minutes} must be positive')
    end = time.time() + 60 * options.minutes
    rounds = 0
    while time.time() < end:
        seed = secrets.randbelow(2**32)
        print(f'round {rounds + 1}: seed {seed}', flush=True)
        if status := search(seed, end, arguments):
            if status == _NOTHING_COLLECTED:
                return status
            print(f'found something. Once more: {sys.executable} -m pytest -m hypothesis '
                  f'--hypothesis-profile=fuzz --hypothesis-seed={seed}\n'
                  'When it is mended, add the falsifying example to its test as @example(...)',
                  flush=True)
            return 1
        rounds += 1
    print(f'found nothing in {rounds} round(s), the last one cut short')
    return 0


if __name__ == '__main__':
    sys.exit(main())
