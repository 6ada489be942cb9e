# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Plots of training curves."""

from __future__ import annotations

import csv
from pathlib import Path


def draw(log: Path, out: Path) -> None:
    """Plot each column of a training log (CSV) over time in minutes, one panel per column."""
    from matplotlib.figure import Figure  # unlike pyplot it needs no display
    if not log.exists():
        return
    with log.open(newline='') as file:
        rows = list(csv.DictReader(file))
    names = [n for n in (rows[0] if rows else ()) if n not in ('step', 'seconds')]
    if not names:
        return
    columns = min(4, len(names))
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(3.2 * columns, 2.4 * lines))
    for i, name in enumerate(names):
        axes = figure.add_subplot(lines, columns, i + 1)
        known = [r for r in rows if r[name]]
        axes.plot([float(r['seconds']) / 60 for r in known], [float(r[name]) for r in known],
                  linewidth=0.8)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel('minutes', fontsize=7)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(out, dpi=100)
