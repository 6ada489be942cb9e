# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Dropouts and label swaps of optical capture, and the longest run of frames without them.

A marker is hidden, or it swaps its label with another marker of the person for one or more
frames.
"""

from __future__ import annotations

import numpy as np

from pose_machine_ros.io.mocap.plug_in_gait import MARKERS

_MAX_SPEED = 8.0  # m/s, of a marker
# Pairs of markers whose distance hardly changes: on one part of the body, or on two parts with a
# joint that has little influence. The key is the change that skin allows, relative to the distance.
_PAIRS = {
    0.2: ('LFHD RFHD', 'LBHD RBHD', 'LFHD LBHD', 'RFHD RBHD', 'C7 CLAV',
          'LASI RASI', 'LPSI RPSI', 'LASI LPSI', 'RASI RPSI',
          *(f'{side}{a} {side}{b}' for side in 'LR' for a, b in (
              ('WRA', 'WRB'), ('HEE', 'TOE'), ('ANK', 'HEE'), ('ANK', 'TOE'), ('KNE', 'ANK')))),
    0.4: tuple(f'{side}{a} {side}{b}' for side in 'LR' for a, b in (
        ('SHO', 'ELB'), ('ELB', 'WRA'), ('ELB', 'WRB'), ('WRA', 'FIN'), ('WRB', 'FIN'))),
}
_FIRST, _SECOND, _TOLERANCE = zip(*(
    (*map(MARKERS.index, pair.split()), tolerance)
    for tolerance, pairs in _PAIRS.items() for pair in pairs))
_USED = sorted({*_FIRST, *_SECOND})


def longest_clean_run(markers: np.ndarray, fps: float) -> slice:
    """Return the longest run of frames of Plug-in Gait markers (F, 39, 3) without a fault.

    In this run every marker that the joints need is visible and no faster than a person moves, and
    markers on one part of the body keep the median distance that they have in this recording.
    """
    seen = markers[:, _USED]
    good = np.isfinite(seen).all((1, 2))
    if not good.any():
        return slice(0)
    distances = np.linalg.norm(markers[:, _FIRST] - markers[:, _SECOND], axis=-1)
    usual = np.median(distances[good], 0)
    steps = np.linalg.norm(np.diff(seen, axis=0), axis=-1).max(1, initial=0)
    with np.errstate(invalid='ignore'):
        good &= (np.abs(distances - usual) <= usual * _TOLERANCE).all(1)
        jump = ~(steps <= _MAX_SPEED / fps)
    # A run continues from one frame to the next if both are good and no marker jumps between them.
    starts = np.flatnonzero(good & np.concatenate(([True], jump | ~good[:-1])))
    ends = np.flatnonzero(good & np.concatenate((jump | ~good[1:], [True]))) + 1
    if not len(starts):
        return slice(0)
    longest = np.argmax(ends - starts)
    return slice(starts[longest], ends[longest])
