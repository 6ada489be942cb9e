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
import shlex
import signal
import subprocess
import sys
import time

ROOT = Path(__file__).parents[1]
_FINISH_SECONDS = 600.0  # hypothesis makes a find small for 300 at most
_FOUND = 1  # of pytest's exit statuses: tests ran, and some failed


def search(seed: int, end: float, arguments: list[str]) -> int:
    """Run every search once with a seed; returns pytest's status.

    It ends at `end`, seconds since the epoch, unless it has a find to make small then.
    """
    environment = {**os.environ, 'POSE_MACHINE_FUZZ_END': str(end),
                   'POSE_MACHINE_FUZZ_SEED': str(seed)}
    process = subprocess.Popen(
        [sys.executable, *_pytest(seed), *arguments], cwd=ROOT, env=environment,
        start_new_session=True)
    try:
        return process.wait(max(end - time.time(), 0) + _FINISH_SECONDS)
    except subprocess.TimeoutExpired:
        print(f'the search hangs {_FINISH_SECONDS:.0f} s after the time is over', flush=True)
        return _FOUND
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # with the nodes that it started
            process.wait()


def _pytest(seed: int) -> list[str]:
    return ['-m', 'pytest', '-x', '-m', 'hypothesis or chance', '--hypothesis-profile=fuzz',
            f'--hypothesis-seed={seed}']


def main() -> int:
    """Search until the time is over or something is found; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('minutes', type=float)
    options, arguments = parser.parse_known_args()
    if not 0 < options.minutes < float('inf'):
        parser.error(f'minutes = {options.minutes} must be positive')
    # A test that cannot be imported is not a finding
    collected = subprocess.run(
        [sys.executable, *_pytest(0), '--collect-only', '-qq', *arguments], cwd=ROOT)
    if collected.returncode:  # pytest has said why
        return collected.returncode
    end = time.time() + 60 * options.minutes
    rounds = 0
    while time.time() < end:
        seed = secrets.randbelow(2**32)
        print(f'round {rounds + 1}: seed {seed}', flush=True)
        status = search(seed, end, arguments)
        if status == _FOUND:
            print('found something. Once more: '
                  f'POSE_MACHINE_FUZZ_SEED={seed} {sys.executable} '
                  f'{shlex.join([*_pytest(seed), *arguments])}\n'
                  'When it is fixed, add the falsifying example to its test as @example(...)',
                  flush=True)
        if status:
            return status
        rounds += 1
    print(f'found nothing in {rounds} round(s), the last one cut short')
    return 0


if __name__ == '__main__':
    sys.exit(main())
