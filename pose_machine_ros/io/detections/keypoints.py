# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Keypoints of detectors, in any order and nesting, as COCO-17."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.skeleton import COCO_17, DETECTOR_NAMES, find_joints, LIMB_JOINTS

_KNOWN = ('17 (COCO), 18 or 25 (OpenPose COCO, BODY_25), 26 or 136 (Halpe) and 133 '
          '(COCO-WholeBody) are known')


def parse_keypoints(values: Any, where: str, names: Sequence[str] | None = None,
                    scores: Any = None) -> np.ndarray | None:
    """Return keypoints (17, 3) in the order of COCO-17: u, v in px, score; None if there are none.

    `values` are u, v, score of each keypoint, flat or in rows; or rows of u, v with separate
    `scores` (default 1); or an object with lists x, y and `visible`, as Ultralytics writes it. Null
    becomes NaN. `names` are the names of the keypoints; without them, the number of keypoints
    determines the order. Raises InputError that says `where`.
    """
    if isinstance(values, Mapping) and {'x', 'y'} <= set(values):
        columns = [_numbers(values[name], where) for name in ('x', 'y')]
        if columns[0].ndim != 1 or columns[0].shape != columns[1].shape:
            raise InputError(f'{where} has x of shape {columns[0].shape} and y of shape '
                             f'{columns[1].shape}; they must be lists of the same length')
        scores = values.get('visible') if scores is None else scores
        values = np.column_stack(columns).tolist()
    if values is None or values == []:
        return None
    points = _numbers(values, where)
    if points.ndim == 1:
        if points.size % 3:
            raise InputError(f'{where} has {points.size} numbers, which are not u, v and score of '
                             'every keypoint')
        points = points.reshape(-1, 3)
    if points.ndim == 3 and len(points) == 1:
        points = points[0]
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise InputError(f'{where} has keypoints of shape {points.shape}; they must be rows of u, '
                         'v, or of u, v, score')
    if points.shape[1] == 2 or scores is not None:
        given = np.ones(len(points)) if scores is None else _numbers(scores, where).ravel()
        if len(given) != len(points):
            raise InputError(f'{where} has {len(points)} keypoints and {len(given)} scores')
        points = np.column_stack((points[:, :2], given))
    if names is None or len(names) != len(points):
        names = DETECTOR_NAMES.get(len(points))
    if names is None:
        raise InputError(f'{where} has {len(points)} keypoints; {_KNOWN}')
    positions = _positions(tuple(map(str, names)))
    missing = [n for n in LIMB_JOINTS if positions[n] is None]
    if missing:
        raise InputError(f'{where}: its keypoints lack {", ".join(missing)}; use a detector for '
                         'whole bodies, such as one for COCO')
    keypoints = np.full((len(COCO_17), 3), (np.nan, np.nan, 0))
    for row, position in zip(keypoints, positions.values()):
        if position is not None:
            row[:] = points[position]
    return keypoints


@lru_cache(maxsize=16)  # all people in a file have the same names
def _positions(names: tuple[str, ...]) -> dict[str, int | None]:
    return dict(zip(COCO_17.names, find_joints(COCO_17.names, names)))


def _numbers(values: Any, where: str) -> np.ndarray:
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f'{where} has keypoints that are not numbers: {error}') from error
