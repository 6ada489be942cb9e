# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A picture of estimated and true poses from the side, where errors of depth can be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.skeleton import HUMAN36M_17, LIMB_JOINTS

_BONES = [(LIMB_JOINTS.index(a), LIMB_JOINTS.index(b)) for side in ('left', 'right')
          for a, b in ((f'{side}_shoulder', f'{side}_elbow'), (f'{side}_elbow', f'{side}_wrist'),
                       (f'{side}_shoulder', f'{side}_hip'), (f'{side}_hip', f'{side}_knee'),
                       (f'{side}_knee', f'{side}_ankle'))]
_BONES += [(LIMB_JOINTS.index(f'left_{part}'), LIMB_JOINTS.index(f'right_{part}'))
           for part in ('shoulder', 'hip')]
_HIPS, _SHOULDERS, _ANKLES = ([LIMB_JOINTS.index(f'{side}_{part}') for side in ('left', 'right')]
                              for part in ('hip', 'shoulder', 'ankle'))
_SPACING = 1.3  # metres between two poses


def draw(clips: list[Clip], predictions: dict[str, list[Prediction]], path: Path) -> None:
    """Plot the true pose and those of each method, for two frames of each clip of LIMB_JOINTS.

    One is the frame in which the true hips are lowest above the ankles, the other that in which the
    true trunk leans most along the view. The camera is on the left; poses are centred between the
    hips.
    """
    from matplotlib.figure import Figure  # unlike pyplot it needs no display

    figure = Figure(figsize=(10, 3.2 * len(clips)))
    for row, clip in enumerate(clips):
        known = np.isfinite(clip.truth).all((1, 2)) & np.all(
            [np.isfinite(rows[row].positions).all((1, 2)) for rows in predictions.values()], 0)
        if not known.any():
            continue
        truth = np.where(known[:, None, None], clip.truth, np.nan)
        axes = figure.add_subplot(len(clips), 1, row + 1)
        frames = {'lowest hips': lowest(truth), 'greatest lean': most_leaning(truth)}
        for place, (what, frame) in enumerate(frames.items()):
            columns = {'truth': clip.truth[frame]} | {
                name: rows[row].positions[frame][HUMAN36M_17.indices(LIMB_JOINTS)]
                for name, rows in predictions.items()}
            for column, (name, pose) in enumerate(columns.items()):
                x = _SPACING * (column + (len(columns) + 0.5) * place)
                if column:
                    _draw_pose(axes, clip.truth[frame], x, 'lightgrey')
                _draw_pose(axes, pose, x, None)
                axes.text(x, 1.05, name, ha='center', fontsize=8)
            axes.text(_SPACING * (len(columns) + 0.5) * place - 0.5, 1.25,
                      f'{clip.name}: {what}, frame {frame}', fontsize=8)
        axes.set_aspect('equal')
        axes.set_ylim(-1.25, 1.45)
        axes.set_ylabel('metres')
        axes.set_xticks([])
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def lowest(truth: np.ndarray) -> int:
    """Return the frame in which the hips of (F, 12, 3) are lowest above the ankles; y is down."""
    height = truth[:, _ANKLES, 1].mean(1) - truth[:, _HIPS, 1].mean(1)
    return int(np.nanargmin(height))


def most_leaning(truth: np.ndarray) -> int:
    """Return the frame in which the trunk of (F, 12, 3) leans most towards or away from z = 0."""
    trunk = truth[:, _SHOULDERS].mean(1) - truth[:, _HIPS].mean(1)
    return int(np.nanargmax(np.abs(trunk[:, 2]) / np.linalg.norm(trunk, axis=-1)))


def _draw_pose(axes, pose: np.ndarray, x: float, colour: str | None) -> None:
    """Draw (12, 3) from the side; the right limbs are red and the left ones blue."""
    pose = pose - pose[_HIPS].mean(0)
    for a, b in _BONES:
        side = {(True, True): 'tab:red', (False, False): 'tab:blue'}.get(
            tuple(LIMB_JOINTS[i].startswith('right') for i in (a, b)), 'black')
        axes.plot(x + pose[[a, b], 2], -pose[[a, b], 1], color=colour or side,
                  linewidth=3 if colour else 1.3)
