# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A picture of a calibrated rig: cameras and people from above and from the side, and errors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.rig_calibration.calibration import CalibratedCamera, RigCalibration
from pose_machine_ros.rig_calibration.tracks import JOINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_VIEW = 0.8  # metres, drawn length of the optical axis
_ANKLES = [JOINTS.index(f'{side}_ankle') for side in ('left', 'right')]
_MAX_ERROR = 0.15  # metres, on the axis


def draw_rig(rig: RigCalibration, path: Path) -> None:
    """Write a PNG file; raises InputError if it cannot be written."""
    from matplotlib.figure import Figure  # unlike pyplot it needs no display

    figure = Figure(figsize=(13, 5.2))
    grid = figure.add_gridspec(1, 3, width_ratios=(1.2, 1.2, 0.8))
    for column, (title, axes) in enumerate({'from above': (0, 1), 'from the side': (0, 2)}.items()):
        _draw_view(figure.add_subplot(grid[column]), rig, axes, title)
    _draw_errors(figure.add_subplot(grid[2]), rig)
    figure.suptitle(f'Cameras in the frame {rig.frame}; size: {rig.scale_source}', fontsize=10)
    figure.tight_layout()
    with atomic_output(path) as partial:
        figure.savefig(partial, dpi=100, format='png')


def _draw_view(plot: Axes, rig: RigCalibration, axes: tuple[int, int], title: str) -> None:
    a, b = axes
    for number, path in enumerate(rig.paths):
        plot.plot(path[:, a], path[:, b], '.', markersize=2, alpha=0.6,
                  color=f'C{number + len(rig.cameras)}', label=f'person {number + 1}, hips')
    if b == 2:
        feet = rig.joints[:, _ANKLES].reshape(-1, 3)
        plot.plot(feet[:, a], feet[:, b], '.', markersize=1, alpha=0.4, color='grey', label='feet')
        plot.axhline(0, color='black', linewidth=0.8)
    for number, camera in enumerate(rig.cameras):
        _draw_camera(plot, camera, axes, f'C{number}')
    plot.set_aspect('equal', adjustable='datalim')
    plot.set_xlabel(f'{"xyz"[a]} in m')
    plot.set_ylabel(f'{"xyz"[b]} in m')
    plot.set_title(title, fontsize=9)
    plot.grid(alpha=0.3)
    plot.legend(fontsize=7, loc='best')


def _draw_camera(plot: Axes, camera: CalibratedCamera, axes: tuple[int, int], colour: str) -> None:
    """Draw a camera with its optical axis and the ellipse of two sigma of its position."""
    place = camera.pose.translation
    ahead = camera.pose.apply(np.array([0, 0, _VIEW]))
    a, b = axes
    plot.annotate('', ahead[[a, b]], place[[a, b]],
                  arrowprops={'arrowstyle': '->', 'color': colour, 'linewidth': 1.5})
    plot.plot(place[a], place[b], 's', color=colour, markersize=7, label=camera.name)
    covariance = camera.position_covariance[np.ix_(axes, axes)]
    angle = np.linspace(0, 2 * np.pi, 60)
    values, vectors = np.linalg.eigh(covariance)
    ring = 2 * vectors @ (np.sqrt(values.clip(0))[:, None] * [np.cos(angle), np.sin(angle)])
    plot.plot(place[a] + ring[0], place[b] + ring[1], color=colour, linewidth=1)


def _draw_errors(plot: Axes, rig: RigCalibration) -> None:
    bins = np.linspace(0, _MAX_ERROR, 40)
    for number, camera in enumerate(rig.cameras):
        plot.hist(camera.errors.clip(0, _MAX_ERROR), bins, histtype='step', color=f'C{number}',
                  label=f'{camera.name}, median {1e3 * np.median(camera.errors):.0f} mm',
                  density=True)
    plot.set_xlabel('distance of a joint to its ray in m')
    plot.set_yticks([])
    plot.set_title('reprojection, at the person', fontsize=9)
    plot.legend(fontsize=7)
