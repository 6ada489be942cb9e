# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Standard deviations of cameras tell how wrong they are."""

from __future__ import annotations

import numpy as np
import pytest
from support.walked_rigs import camera_pose, see

from pose_machine_ros.rig_calibration.procrustes import rotation_vector
from pose_machine_ros.rig_calibration.relative_rig import RelativeRig, solve_rig


@pytest.mark.parametrize('noise, bias', [(0.06, 0.0), (0.01, 0.02)])
def test_errors_are_as_large_as_their_deviations_say(noise: float, bias: float) -> None:
    poses = [camera_pose(0), camera_pose(90)]
    true = poses[0].inverse() @ poses[1]
    whitened, offsets = [], []
    for seed in range(8):
        rig = solve_rig([see(n, p, noise=noise, bias=bias, seed=seed)
                         for n, p in zip('ab', poses)], 0.2)
        turn = rotation_vector(rig.state.rotations[1] @ true.rotation)
        values, vectors = np.linalg.eigh(rig.covariance[1, :3, 1, :3])
        whitened += list(np.abs(turn @ vectors) / np.sqrt(values))
        offsets.append(abs(rig.state.offsets[1]) / np.sqrt(rig.covariance[1, 6, 1, 6]))
    assert 0.4 < np.mean(np.array(whitened) < 1)  # of 24, 68 % on average
    assert 0.75 < np.mean(np.array(whitened) < 2)
    assert np.median(whitened) > 0.15  # not ten times too large
    assert np.median(offsets) < 2


def deviation(rig: RelativeRig) -> float:
    return float(np.trace(rig.covariance[1, :3, 1, :3]))


def test_more_time_and_more_cameras_make_it_smaller() -> None:
    poses = [camera_pose(a) for a in (0, 90, 180, 270)]
    cameras = [see(n, p, noise=0.03, seconds=16) for n, p in zip('abcd', poses)]
    short = [see(n, p, noise=0.03, seconds=5) for n, p in zip('ab', poses)]
    two = deviation(solve_rig(cameras[:2], 0.0))
    assert deviation(solve_rig(cameras, 0.0)) < two < deviation(solve_rig(short, 0.0))
