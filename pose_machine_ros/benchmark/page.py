# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Write the figures of benchmark runs into a page: python -m pose_machine_ros.benchmark.page.

The page has a pair of markers for each table, such as `<!-- stages -->` and `<!-- /stages -->`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
import json
from pathlib import Path
import sys

from pose_machine_ros.benchmark import tables
from pose_machine_ros.benchmark.plot import plot
from pose_machine_ros.errors import InputError, PoseMachineError
from pose_machine_ros.evaluation import report

# By marker
SECTIONS: dict[str, Callable[[Sequence[dict]], str]] = {
    'machine': tables.machine, 'conditions': tables.conditions, 'cases': tables.cases,
    'stages': tables.stages, 'arrangements': tables.arrangements, 'over-ros': tables.over_ros,
    'comparison': tables.comparison}
_NOT_MEASURED = 'Not measured.'


def read_run(path: Path) -> dict:
    """Read the figures of a run; raises InputError for another file."""
    try:
        run = json.loads(path.read_text())
        missing = {'machine', 'date', 'cases', 'over_ros', 'comparison'} - set(run)
    except (OSError, ValueError) as error:
        raise InputError(f'{path} cannot be read ({error}); write it with pose-machine benchmark '
                         '--json') from error
    if missing or not isinstance(run, dict):
        raise InputError(f'{path} is not a run of the benchmark, it lacks '
                         f'{", ".join(sorted(missing))}; write it with pose-machine benchmark '
                         '--json')
    return run


def write_page(page: Path, runs: Sequence[dict]) -> None:
    """Replace all tables of the page; raises InputError if it lacks a marker."""
    for marker, table in SECTIONS.items():
        text = table(runs)
        has_rows = text.count('\n') > 1
        report.update(page, marker, text if has_rows else _NOT_MEASURED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; return the exit status."""
    parser = argparse.ArgumentParser(description='Write benchmark figures into a page.')
    parser.add_argument('page', type=Path, help='Markdown file with markers')
    parser.add_argument('runs', type=Path, nargs='+', metavar='RUN.json',
                        help='files of pose-machine benchmark --json')
    parser.add_argument('--plot', type=Path, metavar='FILE.png', help='plot to write')
    args = parser.parse_args(arguments)
    try:
        runs = [read_run(path) for path in args.runs]
        write_page(args.page, runs)
        if args.plot:
            plot(runs, args.plot)
    except PoseMachineError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main())
