# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Figures of the benchmark as Markdown tables, which are also readable as text.

A run is a dict as `pose-machine benchmark --json` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import textwrap

from pose_machine_ros.benchmark.percentiles import NAMES
from pose_machine_ros.evaluation.report import markdown_table

TIMES = ' / '.join(NAMES)


def rows(runs: Sequence[dict], kind: str) -> Iterator[dict]:
    """Yield the rows of a kind (cases, over_ros or comparison) with the conditions of their run."""
    for run in runs:
        for row in run[kind]:
            yield {**row, 'backend': run['machine']['backend'], 'beside': run['beside']}


def conditions(runs: Sequence[dict]) -> str:
    """Return when, where and beside what each run was measured."""
    return markdown_table(
        ['date', 'command', 'backend', 'busy loops beside it', 'other processes, cores',
         'load before it'],
        [[run['date'], f'`{run["command"]}`', run['machine']['backend'], str(run['beside']),
          _others(run), f'{run["load"]:.1f}'] for run in runs])


def machine(runs: Sequence[dict]) -> str:
    """Return the processor, the device and the versions of libraries; one row if all are equal."""
    columns = ('processor', 'device', 'python', 'torch', 'onnxruntime', 'openvino')
    different = dict.fromkeys(tuple(run['machine'][c] for c in columns) for run in runs)
    return markdown_table(list(columns), [list(values) for values in different])


def cases(runs: Sequence[dict]) -> str:
    """Return a row for each measurement without ROS."""
    return markdown_table(
        ['images', 'size', 'cameras', 'backend', 'beside', 'pace', 'people seen', 'frames',
         'frames/s', f'ms a frame: {TIMES}', 'CPU ms', 'torch calls', 'peak MB', 'first frame ms'],
        [[r['footage'], r['size'], _cameras(r), r['backend'], str(r['beside']), _pace(r),
          f'{r["people_seen"]:.1f}', str(r['frames']), f'{r["frames_per_second"]:.1f}',
          times(r['stages_ms']['total']), f'{r["cpu_ms"]:.1f}',
          f'{r["torch_calls"]:.0f} ({r["torch_kernels"]:.0f})',
          f'{r["peak_memory_mb"]:.0f}', f'{r["first_frame_ms"]:.0f}']
         for r in rows(runs, 'cases')])


def arrangements(runs: Sequence[dict]) -> str:
    """Return a row for each measurement of several cameras."""
    return markdown_table(
        ['cameras', 'images', 'arrangement', 'frames/s, all', f'ms a frame: {TIMES}', 'CPU ms',
         'memory MB'],
        [[str(r['cameras']), r['footage'], r['arrangement'], f'{r["frames_per_second"]:.1f}',
          times(r['stages_ms']['total']), f'{r["cpu_ms"]:.1f}', f'{r["memory_mb"]:.0f}']
         for r in rows(runs, 'cases') if r['cameras'] > 1])


def stages(runs: Sequence[dict]) -> str:
    """Return a row for each measurement of one camera, with the times of its stages."""
    found = [r for r in rows(runs, 'cases') if r['cameras'] == 1]
    names = list(dict.fromkeys(name for r in found for name in r['stages_ms']))
    return markdown_table(
        ['images', 'size', 'backend', 'beside', 'pace', *names],
        [[r['footage'], r['size'], r['backend'], str(r['beside']), _pace(r),
          *(times(r['stages_ms'][n]) if n in r['stages_ms'] else '-' for n in names)]
         for r in found])


def stages_of(case: dict) -> str:
    """Return a row for each stage of one measurement."""
    return markdown_table(['stage', *(f'{name} ms' for name in NAMES), 'frames'], [
        [stage, *(f'{figures[name]:.2f}' for name in NAMES), str(figures['frames'])]
        for stage, figures in case['stages_ms'].items()])


def over_ros(runs: Sequence[dict]) -> str:
    """Return a row for each measurement over ROS."""
    processes = ('camera', 'node', 'subscriber')
    return markdown_table(
        ['images', 'size', 'backend', 'beside', 'people seen', 'received of sent', 'frames/s',
         f'latency ms: {TIMES}', *(f'CPU ms, {p}' for p in processes), 'node MB'],
        [[r['footage'], r['size'], r['backend'], str(r['beside']), str(r['people_seen']),
          f'{r["received"]} of {r["sent"]}', f'{r["frames_per_second"]:.1f}',
          times(r['latency_ms']), *(f'{r["cpu_ms"][p]:.1f}' for p in processes),
          f'{r["memory_mb"]["node"]:.0f}'] for r in rows(runs, 'over_ros')])


def comparison(runs: Sequence[dict]) -> str:
    """Return a row for each method that took turns with the others, and why some did not."""
    def cells(row: dict) -> list[str]:
        if 'skipped' in row:
            return ['-', '-', 'skipped', '-']
        return [str(row['frames']), str(row['found']), times(row['total_ms']),
                f'{row["cpu_ms"]:.1f}']
    found = list(rows(runs, 'comparison'))
    skipped = {f'{r["method"]} was skipped: {r["skipped"]}.' for r in found if 'skipped' in r}
    table = markdown_table(
        ['method', 'images', 'size', 'backend', 'beside', 'frames', 'somebody found',
         f'ms a frame: {TIMES}', 'CPU ms'],
        [[r['method'], r['footage'], r['size'], r['backend'], str(r['beside']), *cells(r)]
         for r in found])
    return '\n\n'.join([table, *(textwrap.fill(reason, 100) for reason in sorted(skipped))])


def times(figures: dict[str, float]) -> str:
    """Return percentiles in ms as one cell."""
    return ' / '.join(f'{figures[name]:.1f}' for name in NAMES)


def _cameras(row: dict) -> str:
    return '1' if row['cameras'] == 1 else f'{row["cameras"]}, {row["arrangement"]}'


def _pace(row: dict) -> str:
    return '30 Hz' if row['is_paced'] else 'full'


def _others(run: dict) -> str:
    used = [row['other_cores'] for kind in ('cases', 'over_ros') for row in run[kind]]
    return f'{min(used):.1f} to {max(used):.1f}' if used else 'not measured'
