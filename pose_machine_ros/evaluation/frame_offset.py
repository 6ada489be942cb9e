# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How many frames a video is behind the truth that comes with it, told from 2D alone.

Whoever wrote down the truth may have counted the frames in another way than whoever decodes the
video. Keypoints that belong to the truth, and keypoints found in the decoded frames, say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from pose_machine_ros.errors import InputError

Frames = TypeVar('Frames', np.ndarray, Sequence)

_MOST = 5  # frames
_SURE = 0.3  # score of a keypoint that counts


def frame_offset(found: np.ndarray, given: np.ndarray) -> int:
    """Return d so that frame t + d of the video shows what frame t of the truth says.

    `found` (T, J, 3) px and score, of the decoded frames; `given` (T, J, 3), of the truth. Each
    joint's constant offset is left out: two detectors differ in what they call a hip. 0 where
    nothing moves, or too little is known.
    """
    if len(given) < 3 * _MOST:
        return 0
    sure = (found[..., 2] > _SURE, given[..., 2] > _SURE)
    rest = {d: _rest(*together(found[..., :2], given[..., :2], d),
                     np.logical_and(*together(*sure, d)))
            for d in range(-_MOST, _MOST + 1)}
    # The least shift wins a draw.
    return min(rest, key=lambda d: (rest[d], abs(d)))


def together(found: Frames, given: Frames, behind: int) -> tuple[Frames, Frames]:
    """Return those frames of a video and of its truth that belong together.

    Raises InputError where there are none.
    """
    last = len(given) - abs(behind)
    if last < 1:
        raise InputError(f'behind = {behind} leaves none of {len(given)} frames')
    return found[max(behind, 0):][:last], given[max(-behind, 0):][:last]


def _rest(found: np.ndarray, given: np.ndarray, sure: np.ndarray) -> float:
    """Return the mean distance in px, with each joint's median offset taken off."""
    offset = np.where(sure[..., None], found - given, np.nan)
    seen = sure.any(0)
    if not seen.any():
        return float('inf')
    offset = offset[:, seen]
    return float(np.nanmean(np.linalg.norm(offset - np.nanmedian(offset, 0), axis=-1)).round(6))
