# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of the skeletons of capture files to MOCAP_25."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.raw_capture import RawCapture
from pose_machine_ros.skeleton import ACCLAIM_RENAMES, find_capture_joint, MOCAP_25

# Offsets in metres from the head and the ankle joint, in the frame of the head and of the foot
# (x left, y up, z to the front at rest), for an adult. Capture files lack these points.
HEAD = {'nose': (0.0, -0.01, 0.116), 'head_top': (0.0, 0.11, 0.0),
        'left_ear': (0.075, -0.01, 0.01), 'right_ear': (-0.075, -0.01, 0.01)}
_HEEL = (0.0, -0.03, -0.075)
_UNITS = {'m': 1.0, 'cm': 0.01, 'mm': 0.001, 'inch': 0.0254, 'CMU inch': 0.0254 / 0.45}
_LEG = (0.55, 1.05)  # metres: range of the length from hip to ankle


def joints_from_capture(capture: RawCapture, scale: float | None = None) -> np.ndarray:
    """Return the joints (F, 25, 3) of MOCAP_25 in metres, z up.

    `scale` is the file's length unit in metres; by default it is estimated from the length of the
    legs. Raises InputError if a joint is missing or if no unit fits.
    """
    is_acclaim = 'lfemur' in capture.points
    rename = ACCLAIM_RENAMES if is_acclaim else {}
    points = {rename.get(n, n).lower(): p for n, p in capture.points.items()}
    rotations = {rename.get(n, n).lower(): t for n, t in capture.rotations.items()}

    def find(part: str, side: str = '') -> str:
        if name := find_capture_joint(part, side, points):
            return name
        raise InputError(f'no joint for the {side} {part}'.replace('  ', ' ')
                         + f'; the file has {", ".join(capture.points)}')

    out = np.zeros((len(next(iter(points.values()))), len(MOCAP_25), 3))
    for side in ('left', 'right'):
        for part in ('hip', 'knee', 'ankle', 'toe', 'shoulder', 'elbow', 'wrist', 'hand'):
            out[:, MOCAP_25.index(f'{side}_{part}')] = points[find(part, side)]
    out[:, MOCAP_25.index('thorax')] = points[find('thorax')]
    scale = scale or _unit_of_length(out)
    out *= scale

    head, head_rotation = points[find('head')] * scale, rotations['head']
    for name, offset in HEAD.items():
        out[:, MOCAP_25.index(name)] = head + head_rotation @ np.array(offset)
    for side in ('left', 'right'):
        foot = rotations[f'{side[0]}foot_toe' if is_acclaim else find('ankle', side)]
        ankle = out[:, MOCAP_25.index(f'{side}_ankle')]
        out[:, MOCAP_25.index(f'{side}_heel')] = ankle + foot @ np.array(_HEEL)
    out[:, 0] = (out[:, MOCAP_25.index('left_hip')] + out[:, MOCAP_25.index('right_hip')]) / 2
    out[:, MOCAP_25.index('spine')] = (out[:, 0] + out[:, MOCAP_25.index('thorax')]) / 2
    return np.stack((out[..., 0], -out[..., 2], out[..., 1]), -1)


def _unit_of_length(joints: np.ndarray) -> float:
    """Return the length unit of joints (F, 25, 3) in metres."""
    hip, knee, ankle = (joints[:, MOCAP_25.index(f'left_{p}')] for p in ('hip', 'knee', 'ankle'))
    leg = float(np.median(np.linalg.norm(knee - hip, axis=-1)
                          + np.linalg.norm(ankle - knee, axis=-1)))
    fitting = [scale for scale in _UNITS.values() if _LEG[0] <= leg * scale <= _LEG[1]]
    if not fitting:
        raise InputError(f'a leg is {leg:.3g} units long, which fits none of {", ".join(_UNITS)}; '
                         'set the unit in metres with --scale')
    return fitting[0]
