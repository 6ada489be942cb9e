# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Plots of how time grows with people, cameras and image size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from pose_machine_ros.benchmark import tables
from pose_machine_ros.io.output_files import atomic_output


def _megapixels(row: dict) -> float:
    width, height = map(int, row['size'].split('x'))
    return width * height * 1e-6


AXES: dict[str, Callable[[dict], float]] = {
    'people': lambda row: row['people'], 'cameras': lambda row: row['cameras'],
    'megapixels': _megapixels}
_CURVES = (('p99', lambda row: row['stages_ms']['total']['p99']),
           ('p50', lambda row: row['stages_ms']['total']['p50']),
           ('CPU time', lambda row: row['cpu_ms']))


def growth(runs: Sequence[dict], axis: str) -> list[dict]:
    """Return the cases that differ in one of AXES only, in its order: as many as there are."""
    groups: dict[tuple, dict[float, dict]] = defaultdict(dict)
    for row in tables.rows(runs, 'cases'):
        if row['people'] is not None and row['arrangement'] == 'one process':
            fixed = [value(row) for name, value in AXES.items() if name != axis]
            fixed += [row[name] for name in ('backend', 'beside', 'is_paced')]
            groups[tuple(fixed)].setdefault(AXES[axis](row), row)
    most = max(groups.values(), key=len, default={})
    return [most[x] for x in sorted(most)]


def plot(runs: Sequence[dict], path: Path) -> None:
    """Draw the milliseconds of a frame over each of AXES that has several values.

    Raises InputError if the file cannot be written.
    """
    from matplotlib.figure import Figure  # unlike pyplot it needs no display
    figure = Figure(figsize=(11, 3.6), layout='constrained')
    for axes, (axis, value) in zip(figure.subplots(1, len(AXES)), AXES.items()):
        found = growth(runs, axis)
        if len(found) < 2:
            axes.set_axis_off()
            axes.text(0.5, 0.5, f'{axis}: not measured for several values', ha='center',
                      va='center', color='0.5')
            continue
        axes.set(xlabel=axis, ylabel='ms a frame')
        axes.grid(alpha=0.3)
        for name, of in _CURVES:
            axes.plot([value(r) for r in found], [of(r) for r in found], marker='o', label=name)
        axes.set_xticks([value(r) for r in found], [
            r['size'].replace('x', ' x\n') if axis == 'megapixels' else str(r[axis])
            for r in found])
        if axis == 'megapixels':
            axes.set_xlabel('image size, px')
        fixed = [found[0]['footage'], f'{found[0]["cameras"]} camera', found[0]['size']]
        del fixed[list(AXES).index(axis)]
        axes.set_title(', '.join(fixed), fontsize=9)
        axes.set_ylim(0, None)
        axes.legend(fontsize='small')
    with atomic_output(path) as partial:
        figure.savefig(partial, dpi=100)
