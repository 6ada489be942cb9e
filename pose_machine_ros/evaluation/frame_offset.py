# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The number of frames between a video and its ground truth, estimated from 2D alone.

The ground truth and the decoder may count frames differently. Comparing the 2D keypoints of the
ground truth with those found in the decoded frames gives the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from pose_machine_ros.errors import InputError

Frames = TypeVar('Frames', np.ndarray, Sequence)

_MAX_OFFSET = 5  # frames
_MIN_SCORE = 0.3  # of a keypoint that counts


def frame_offset(found: np.ndarray, given: np.ndarray) -> int:
    """Return d such that frame t + d of the video shows frame t of the ground truth.

    `found` (T, J, 3) px and score, of the decoded frames; `given` (T, J, 3), of the ground truth. A
    constant distance per joint does not count: two detectors place a hip differently. Returns 0 if
    nothing moves or if too few keypoints are known.
    """
    if len(given) < 3 * _MAX_OFFSET:
        return 0
    known = (found[..., 2] > _MIN_SCORE, given[..., 2] > _MIN_SCORE)
    residuals = {d: _residual(*align_frames(found[..., :2], given[..., :2], d),
                              np.logical_and(*align_frames(*known, d)))
                 for d in range(-_MAX_OFFSET, _MAX_OFFSET + 1)}
    # Of equal residuals the smallest offset counts.
    return min(residuals, key=lambda d: (residuals[d], abs(d)))


def align_frames(found: Frames, given: Frames, offset: int) -> tuple[Frames, Frames]:
    """Return the frames of a video and of its ground truth that show the same moments.

    `offset` is that of `frame_offset`. Raises InputError if no frame is left.
    """
    last = len(given) - abs(offset)
    if last < 1:
        raise InputError(f'frame offset = {offset} leaves none of {len(given)} frames')
    return found[max(offset, 0):][:last], given[max(-offset, 0):][:last]


def _residual(found: np.ndarray, given: np.ndarray, known: np.ndarray) -> float:
    """Return the mean distance in px after subtracting the median distance of each joint."""
    difference = np.where(known[..., None], found - given, np.nan)
    seen = known.any(0)
    if not seen.any():
        return float('inf')
    difference = difference[:, seen]
    away = np.linalg.norm(difference - np.nanmedian(difference, 0), axis=-1)
    return float(np.nanmean(away).round(6))
