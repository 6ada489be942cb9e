# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The result of a calibration in words: for the terminal, and as comments of the files."""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.rig_calibration.calibration import RigCalibration


def report(rig: RigCalibration) -> list[str]:
    """Return the uncertainty of the calibration, a line each; deviations are one sigma."""
    lines = [f'Size: {rig.scale_source} ({_percent(rig.scale_sigma)}).',
             f'Frame {rig.frame}: z up, floor at z = 0, {rig.cameras[0].name} above the origin, '
             'looking along x.',
             f'Floor: tilt within {math.degrees(rig.floor_tilt_sigma):.2f} degrees, height within '
             f'{100 * rig.floor_height_sigma:.1f} cm (1 sigma).',
             f'Relative to {rig.cameras[0].name} (1 sigma):']
    for camera in rig.cameras[1:]:
        lines.append(
            f'{camera.name}: position {100 * camera.position_sigma:.1f} cm, '
            f'rotation {math.degrees(camera.rotation_sigma):.2f} degrees, '
            f'time offset {1e3 * camera.time_offset:+.1f} ms within {1e3 * camera.time_sigma:.1f}')
    errors = ', '.join(f'{c.name} {1e3 * np.median(c.errors):.0f} mm' for c in rig.cameras)
    lines.append(f'Distance of joints to their rays, median: {errors}.')
    return lines


def _percent(sigma: float) -> str:
    return f'within {100 * sigma:.1f} %, 1 sigma'
