# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of the full-body marker set Plug-in Gait to MOCAP_25.

Markers are (F, 39, 3), metres, z up, in the order of MARKERS, NaN where a marker is hidden.
"""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.joints import HEAD
from pose_machine_ros.skeleton import MOCAP_25

MARKERS = (
    'LFHD', 'RFHD', 'LBHD', 'RBHD', 'C7', 'T10', 'CLAV', 'STRN', 'RBAK',
    'LSHO', 'LUPA', 'LELB', 'LFRM', 'LWRA', 'LWRB', 'LFIN',
    'RSHO', 'RUPA', 'RELB', 'RFRM', 'RWRA', 'RWRB', 'RFIN',
    'LASI', 'RASI', 'LPSI', 'RPSI', 'LTHI', 'LKNE', 'LTIB', 'LANK', 'LHEE', 'LTOE',
    'RTHI', 'RKNE', 'RTIB', 'RANK', 'RHEE', 'RTOE')

# Metres from the centre of a marker to that of its joint: half the width of an adult's joint plus
# 7 mm, the radius of a marker; at the shoulder the distance below the acromion.
_KNEE, _ANKLE, _ELBOW, _SHOULDER = 0.057, 0.042, 0.042, 0.05
_PELVIS_WIDTH = (0.2, 0.34)  # metres: range of the distance between LASI and RASI
# The head band slopes from the forehead to the back of the head, at this height above the ears.
_BAND_TILT, _BAND_HEIGHT = math.radians(10), 0.055


def joints_from_markers(markers: np.ndarray) -> np.ndarray:
    """Return the joints (F, 25, 3) of MOCAP_25 in metres, z up, NaN where their markers are NaN.

    Raises InputError if the pelvis markers have an impossible distance.
    """
    at = dict(zip(MARKERS, markers.swapaxes(0, 1)))
    joints = _hips(at)
    for side in ('left', 'right'):
        joints |= _leg(at, side, joints[f'{side}_hip'])
    joints['pelvis'] = (joints['left_hip'] + joints['right_hip']) / 2
    joints['thorax'] = (at['C7'] + at['CLAV']) / 2
    joints['spine'] = (joints['pelvis'] + joints['thorax']) / 2
    down = _normalized(joints['pelvis'] - joints['thorax'])
    for side in ('left', 'right'):
        joints |= _arm(at, side, down)
    joints |= _head(at)
    return np.stack([joints[name] for name in MOCAP_25.names], 1)


def _hips(at: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the hip joint centres by the regression of Harrington et al. (2007) for adults."""
    front, back = (at['LASI'] + at['RASI']) / 2, (at['LPSI'] + at['RPSI']) / 2
    width = float(np.nanmedian(np.linalg.norm(at['LASI'] - at['RASI'], axis=-1)))
    depth = float(np.nanmedian(np.linalg.norm(front - back, axis=-1)))
    if not _PELVIS_WIDTH[0] <= width <= _PELVIS_WIDTH[1]:
        raise InputError(f'the markers LASI and RASI are {width:.2f} m apart; '
                         f'a pelvis has {_PELVIS_WIDTH[0]} to {_PELVIS_WIDTH[1]} m')
    left = _normalized(at['LASI'] - at['RASI'])
    up = _normalized(np.cross(front - back, left))
    middle = front - (0.24 * depth + 0.0099) * np.cross(left, up) - (0.3 * width + 0.0109) * up
    lateral = (0.33 * width + 0.0073) * left
    return {'left_hip': middle + lateral, 'right_hip': middle - lateral}


def _leg(at: dict[str, np.ndarray], side: str, hip: np.ndarray) -> dict[str, np.ndarray]:
    knee, ankle, heel, toe = (at[side[0].upper() + m] for m in ('KNE', 'ANK', 'HEE', 'TOE'))
    inwards = _normalized(np.cross(toe - heel, knee - ankle)) * (1 if side == 'left' else -1)
    ankle = ankle + _ANKLE * inwards
    return {f'{side}_knee': _hinge(knee, hip, ankle, _KNEE, inwards), f'{side}_ankle': ankle,
            f'{side}_heel': heel, f'{side}_toe': toe}


def _arm(at: dict[str, np.ndarray], side: str, down: np.ndarray) -> dict[str, np.ndarray]:
    shoulder, elbow, thumb, little, hand = (
        at[side[0].upper() + m] for m in ('SHO', 'ELB', 'WRA', 'WRB', 'FIN'))
    shoulder, wrist = shoulder + _SHOULDER * down, (thumb + little) / 2
    # An elbow bends to one side only, which determines its inner side.
    inwards = np.cross(elbow - shoulder, wrist - elbow) * (1 if side == 'left' else -1)
    return {f'{side}_shoulder': shoulder, f'{side}_wrist': wrist, f'{side}_hand': hand,
            f'{side}_elbow': _hinge(elbow, shoulder, wrist, _ELBOW, inwards)}


def _head(at: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    front, back = (at['LFHD'] + at['RFHD']) / 2, (at['LBHD'] + at['RBHD']) / 2
    left = _normalized(at['LFHD'] + at['LBHD'] - at['RFHD'] - at['RBHD'])
    up = _normalized(np.cross(front - back, left))
    ahead = np.cross(left, up)
    up, ahead = (math.cos(_BAND_TILT) * up + math.sin(_BAND_TILT) * ahead,
                 math.cos(_BAND_TILT) * ahead - math.sin(_BAND_TILT) * up)
    head = (front + back) / 2 - _BAND_HEIGHT * up
    return {name: head + x * left + y * up + z * ahead for name, (x, y, z) in HEAD.items()}


def _hinge(marker: np.ndarray, above: np.ndarray, below: np.ndarray, radius: float,
           inwards: np.ndarray) -> np.ndarray:
    """Return the centre (F, 3) of a hinge joint with a marker on its outer side.

    The vector from the marker to the centre lies on the axis of the hinge, at right angles to both
    bones, and its length is `radius`. Two points meet this, mirrored at the plane through `marker`,
    `above` and `below`; `inwards` selects one of them.
    """
    p, q = above - marker, below - marker
    normal = np.cross(p, q)
    area = np.linalg.norm(normal, axis=-1, keepdims=True)
    # The part in the plane: its products with p and with q are radius^2.
    in_plane = np.cross(q - p, normal) * (radius / np.maximum(area, 1e-9)) ** 2
    length = np.linalg.norm(in_plane, axis=-1, keepdims=True)
    # In a straight limb the marker may be closer than the radius.
    in_plane *= np.minimum(1, radius / np.maximum(length, 1e-9))
    across = np.sqrt(np.maximum(0, radius ** 2 - (in_plane ** 2).sum(-1, keepdims=True)))
    inner = np.where((normal * inwards).sum(-1, keepdims=True) < 0, -1, 1)
    return marker + in_plane + across * inner * _normalized(normal)


def _normalized(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
