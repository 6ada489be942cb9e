# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.frame_offset import align_frames, frame_offset


def walk(frames=80, seed=0):
    """Return keypoints (T, 12, 3) that move at random."""
    rng = np.random.default_rng(seed)
    places = 500 + np.cumsum(rng.normal(0, 1, (frames, 12, 2)), 0).cumsum(0)
    return np.concatenate((places, np.full((frames, 12, 1), 0.9)), -1)


@pytest.mark.parametrize('offset', [-3, -1, 0, 1, 4])
def test_an_offset_is_found_in_spite_of_noise_bias_and_gaps(offset):
    rng = np.random.default_rng(1)
    long = walk(90)
    given, found = long[5:85].copy(), long[5 - offset:85 - offset].copy()
    found[..., :2] += rng.normal(0, 20, (1, 12, 2)) + rng.normal(0, 2, (80, 12, 2))
    given[rng.random((80, 12)) < 0.2] = (np.nan, np.nan, 0)
    found[10] = (np.nan, np.nan, 0)
    assert frame_offset(found, given) == offset


def test_an_offset_that_leaves_no_frame_is_refused():
    with pytest.raises(InputError, match='frame offset = -9 leaves none of 9 frames'):
        align_frames(walk(9), walk(9), -9)


def test_without_motion_the_offset_is_0():
    still = np.tile(walk(1), (40, 1, 1))
    assert frame_offset(still, still) == 0


@pytest.mark.parametrize('frames', [0, 3])
def test_with_too_few_frames_the_offset_is_0(frames):
    assert frame_offset(walk(9)[:frames], walk(9)[:frames]) == 0


def test_without_keypoints_the_offset_is_0():
    nobody = np.full((40, 12, 3), np.nan)
    nobody[..., 2] = 0
    assert frame_offset(nobody, walk(40)) == 0
