# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A person with known joints and the markers of Plug-in Gait."""

import numpy as np

from pose_machine_ros.io.mocap.plug_in_gait import MARKERS

_HALF_MARKER = 0.007


def _swing(angle):
    """Return the unit vector that points down, rotated to the front by `angle` degrees."""
    return np.array([np.sin(np.radians(angle)), 0, -np.cos(np.radians(angle))])


def put_on(knee=10.0, elbow=20.0):
    """Return the joints by name and the markers (39, 3), metres, z up, facing x.

    The left knee and elbow are bent by the angles in degrees, the right ones by half of them. The
    arms are raised to the front by as much as the elbows are bent.
    """
    joints, at = {}, {}
    for side, y in (('left', 1), ('right', -1)):
        share = 1 if side == 'left' else 0.5
        out = np.array([0, y, 0])
        # Harrington's regression for a pelvis 0.26 m wide and 0.2 m deep, from the mid-ASIS point.
        hip = np.array([-0.0579, 0.0931 * y, 0.95 - 0.0889])
        knee_at = hip + 0.42 * _swing(knee * share)
        ankle = knee_at + 0.4 * _swing(0)
        shoulder = np.array([-0.05, 0.18 * y, 1.4])
        elbow_at = shoulder + 0.28 * _swing(elbow * share)
        forearm = _swing(2 * elbow * share)
        wrist = elbow_at + 0.25 * forearm
        joints |= {f'{side}_hip': hip, f'{side}_knee': knee_at, f'{side}_ankle': ankle,
                   f'{side}_shoulder': shoulder, f'{side}_elbow': elbow_at, f'{side}_wrist': wrist,
                   f'{side}_heel': ankle + (-0.06, 0, -0.03),
                   f'{side}_toe': ankle + (0.13, 0, -0.03), f'{side}_hand': wrist + 0.08 * forearm}
        at |= {f'{side[0].upper()}{name}': point for name, point in {
            'ASI': (0, 0.13 * y, 0.95), 'PSI': (-0.2, 0.05 * y, 0.95),
            'THI': hip - (0, 0, 0.2), 'TIB': ankle + (0, 0, 0.2),
            'KNE': knee_at + (0.05 + _HALF_MARKER) * out,
            'ANK': ankle + (0.035 + _HALF_MARKER) * out,
            'HEE': joints[f'{side}_heel'], 'TOE': joints[f'{side}_toe'],
            'SHO': shoulder + (0, 0, 0.05), 'UPA': shoulder - (0, 0, 0.1),
            'ELB': elbow_at + (0.035 + _HALF_MARKER) * out, 'FRM': elbow_at,
            'WRA': wrist + (0, -0.03 * y, 0), 'WRB': wrist + (0, 0.03 * y, 0),
            'FIN': joints[f'{side}_hand'],
            'FHD': (0.1, 0.07 * y, 1.67), 'BHD': (-0.1, 0.07 * y, 1.67)}.items()}
    at |= {'C7': (-0.1379, 0, 1.45), 'CLAV': (0.0221, 0, 1.45), 'T10': (-0.15, 0, 1.2),
           'STRN': (0.05, 0, 1.25), 'RBAK': (-0.15, -0.1, 1.3)}
    joints['pelvis'] = (joints['left_hip'] + joints['right_hip']) / 2
    joints['thorax'] = np.array([-0.0579, 0, 1.45])
    joints['spine'] = (joints['pelvis'] + joints['thorax']) / 2
    return joints, np.array([at[name] for name in MARKERS], float)
