# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Figures as tables and plots.

Figures are a dict: set -> method -> name -> value, as returned by `metrics.summarize` or
`metrics.mean_over_clips`, with the figures of each clip as `by_clip`.
"""

from __future__ import annotations

from collections.abc import Callable
import math
from pathlib import Path
import re

from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation import metrics
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.error_split import LIMBS
from pose_machine_ros.evaluation.methods import Method

Figures = dict[str, dict[str, dict]]

POSE_COLUMNS = {
    'MPJPE mm': lambda f: with_interval(f, 'mpjpe_mm'),
    'PA-MPJPE mm': lambda f: with_interval(f, 'pa_mpjpe_mm'),
    'scale-free mm': lambda f: number(f, 'scale_free_mm', 1),
    'PCK 150 %': lambda f: number(f, 'pck_pct', 1),
    'AUC %': lambda f: number(f, 'auc_pct', 1),
    'accel': lambda f: number(f, 'accel_error_mm', 1),
    'root mm': lambda f: number(f, 'root_error_mm', 0),
    'root %': lambda f: number(f, 'root_error_pct', 1),
    'drift %': lambda f: number(f, 'scale_drift_pct', 1),
    'in 1 sigma %': lambda f: number(f, 'within_1_sigma_pct', 0),
    'in 2 sigma %': lambda f: number(f, 'within_2_sigma_pct', 0),
}

# For the figures of `average_over_clips`.
SPLIT_COLUMNS = {
    'MPJPE mm': lambda f: _with_spread(f, 'mpjpe_mm'),
    'PA-MPJPE mm': lambda f: _with_spread(f, 'pa_mpjpe_mm'),
    'along mm': lambda f: _with_spread(f, 'along_mm'),
    'across mm': lambda f: _with_spread(f, 'across_mm'),
    'scale %': lambda f: _with_spread(f, 'scale_pct', 1),
    'scale error %': lambda f: _with_spread(f, 'scale_error_pct', 1),
    'lean deg': lambda f: _with_spread(f, 'lean_deg', 1),
    'lean error deg': lambda f: _with_spread(f, 'lean_error_deg', 1),
    **{f'{limb}s': lambda f, key=f'{limb}s_mm': number(f, key, 0) for limb in LIMBS},
}


def compare(sets: dict[str, list[Clip]], methods: dict[str, Method],
            progress: Callable[[str], None] = lambda text: None) -> Figures:
    """Evaluate every method on every set of clips."""
    result: Figures = {}
    for name, clips in sets.items():
        for method_name, method in methods.items():
            progress(f'{name}: {method_name}')
            evaluated = [metrics.evaluate_clip(prediction, clip) for prediction, clip
                         in zip(method(clips), clips, strict=True)]
            result.setdefault(name, {})[method_name] = {
                **metrics.summarize(evaluated),
                'by_clip': {clip.name: f for clip, f in zip(clips, evaluated)}}
    return result


def pool(figures: Figures) -> dict[str, dict]:
    """Return the clips of all sets as the clips of one set."""
    together: dict[str, dict] = {}
    for methods in figures.values():
        for method, f in methods.items():
            together.setdefault(method, {'by_clip': {}})['by_clip'] |= f['by_clip']
    return together


def average_over_clips(figures: Figures) -> Figures:
    """Return the means over the clips of each set; every clip has the same weight."""
    return {name: {method: {**metrics.mean_over_clips(list(f['by_clip'].values())),
                            'by_clip': f['by_clip']} for method, f in methods.items()}
            for name, methods in figures.items()}


def table(figures: Figures, columns: dict[str, Callable[[dict], str]] = POSE_COLUMNS) -> str:
    """Return the figures as a Markdown table without the columns that are empty in all rows."""
    rows = [(name, method, f) for name, methods in figures.items() for method, f in methods.items()]
    shown = {head: [cell(f) for _, _, f in rows] for head, cell in columns.items()}
    shown = {head: cells for head, cells in shown.items() if any(c != '-' for c in cells)}
    head = ['set', 'method', 'clips', 'frames', *shown]
    return markdown_table(head, [
        [name, method, str(f['clips']), str(f['frames']), *(c[i] for c in shown.values())]
        for i, (name, method, f) in enumerate(rows)])


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table with aligned columns."""
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    lines = [head, ['-' * w for w in widths], *rows]
    return '\n'.join('| ' + ' | '.join(c.ljust(w) for c, w in zip(line, widths)) + ' |'
                     for line in lines)


def update(path: Path, name: str, text: str) -> None:
    """Replace the text between `<!-- name -->` and `<!-- /name -->` in a Markdown file.

    Raises InputError if the file lacks these markers.
    """
    begin, end = f'<!-- {name} -->', f'<!-- /{name} -->'
    page = path.read_text() if path.exists() else ''
    pattern = re.compile(re.escape(begin) + '.*?' + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise InputError(f'{path} has no markers for the table; add the lines {begin} and {end}')
    path.write_text(pattern.sub(lambda _: f'{begin}\n{text}\n{end}', page))


def plot(figures: Figures, path: Path, title: str) -> None:
    """Draw the MPJPE of every method and set, with its interval, to a PNG file."""
    _plot(figures, path, title, {'mpjpe_mm': 'MPJPE'})


def plot_split(figures: Figures, path: Path, title: str) -> None:
    """Draw the errors along and across the view, with interval or range, to a PNG file."""
    _plot(figures, path, title, {'along_mm': 'error along the view (upper bar)',
                                 'across_mm': 'across it (lower bar)'})


def _plot(figures: Figures, path: Path, title: str, parts: dict[str, str]) -> None:
    """Draw bars of the figures `parts`, one above the other for each method and set."""
    from matplotlib.figure import Figure  # unlike pyplot it needs no display
    figure = Figure(figsize=(9, 0.6 + 0.24 * sum(len(m) + 1 for m in figures.values())))
    axes = figure.add_subplot()
    labels, y = [], 0
    height = 0.8 / len(parts)
    for k, (name, methods) in enumerate(figures.items()):
        for method, f in methods.items():
            for i, key in enumerate(parts):
                value = f.get(key, math.nan)
                low, high = f.get(f'{key}_low', value), f.get(f'{key}_high', value)
                at = y + height * (i - (len(parts) - 1) / 2)
                axes.barh(at, value, height, color=f'C{k}', alpha=0.85 - 0.4 * i)
                axes.errorbar(value, at, xerr=[[value - low], [high - value]], color='black',
                              linewidth=1, capsize=2)
            labels.append((y, f'{name}: {method}'))
            y += 1
        y += 0.6
    axes.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel(f'{" and ".join(parts.values())} in mm, lower is better')
    axes.set_title(title, fontsize=9)
    axes.grid(axis='x', alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def number(figures: dict[str, float], name: str, digits: int) -> str:
    """Return a figure as text, - if it is not known."""
    value = figures.get(name, math.nan)
    return f'{value:.{digits}f}' if math.isfinite(value) else '-'


def with_interval(figures: dict[str, float], name: str) -> str:
    """Return a figure with its interval as text."""
    text = number(figures, name, 1)
    if f'{name}_low' in figures:
        text += f' ({figures[f"{name}_low"]:.0f} to {figures[f"{name}_high"]:.0f})'
    return text


def _with_spread(figures: dict[str, float], name: str, digits: int = 0) -> str:
    """Return a mean over clips with its interval, or with the range if there are few clips."""
    text = number(figures, name, 1)
    if figures['clips'] < 2 or text == '-':
        return text
    word = '' if figures['clips'] >= metrics.MIN_CLIPS else 'range '
    low, high = (number(figures, f'{name}_{end}', digits) for end in ('low', 'high'))
    return f'{text} ({word}{low} to {high})'
