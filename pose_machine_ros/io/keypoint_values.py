# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conventions of detectors for unseen keypoints and for scores, in one form; checks of units."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.errors import InputError

_FLAGS = (1, 2)  # COCO's visibility: labelled but hidden, visible
_MAX_USUAL_SCORE = 10.0  # heatmaps and SimCC can exceed 1 a little; percentages are far above
_MAX_NORMALIZED = 2.0  # px; no person is that small


def clean_keypoints(keypoints: np.ndarray, source: object) -> np.ndarray:
    """Return keypoints (..., K, 3), u and v in px and score, as float32 in one convention.

    A keypoint is unseen if a value is not finite, if the score is 0 or below, or if (u, v) is
    (0, 0) or (-1, -1); it becomes NaN, NaN, 0. Scores above 1 become 1. If all scores are
    COCO's visibility flags 0, 1 and 2, hidden keypoints get 0.5 and visible ones 1.

    Raises InputError that names `source` if the scores are percentages, or if the coordinates are
    normalised instead of px.
    """
    with np.errstate(over='ignore'):  # values too large for float32 become infinite
        cleaned = np.array(keypoints, np.float32)
    pixels, scores = cleaned[..., :2], cleaned[..., 2]
    unseen = ~np.isfinite(cleaned).all(-1) | ~(scores > 0)
    unseen |= (pixels == 0).all(-1) | (pixels == -1).all(-1)
    cleaned[unseen] = np.nan, np.nan, 0
    if unseen.all():
        return cleaned
    largest = np.abs(pixels[~unseen]).max()
    if largest <= _MAX_NORMALIZED:
        raise InputError(
            f'{source}: no coordinate of a keypoint is above {largest:g}, so they are normalised; '
            'multiply u by the width and v by the height of the image, in px')
    given = scores[~unseen]
    if np.isin(given, _FLAGS).all() and given.max() == max(_FLAGS):
        scores /= max(_FLAGS)
    elif np.median(given) > _MAX_USUAL_SCORE:
        raise InputError(f'{source}: the scores of keypoints reach {given.max():g}; they must be '
                         'between 0 and 1: divide percentages by 100')
    scores.clip(0, 1, out=scores)
    return cleaned
