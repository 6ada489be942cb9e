# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from support.walked_rigs import camera_pose, see

from pose_machine_ros.rig_calibration.resampling import joints_at, rays_at
from pose_machine_ros.rig_calibration.tracks import Track

CAMERA = see('a', camera_pose(0), seconds=4)
TRACK, = CAMERA.tracks


def without(track: Track, gone: np.ndarray) -> Track:
    """Return a track without the frames of which `gone` (T,) is true."""
    return Track(track.id, *(x[~gone] for x in (
        track.times, track.rays, track.scores, track.joints)))


def test_rays_between_frames_are_between_those_of_the_frames() -> None:
    times = TRACK.times[20:60] + 0.3 / 30
    rays = rays_at(TRACK, times)
    expected = 0.7 * TRACK.rays[20:60] + 0.3 * TRACK.rays[21:61]
    assert np.linalg.norm(rays.directions - expected, axis=-1).max() < 3e-3  # 12 mm at 4 m
    np.testing.assert_allclose(np.linalg.norm(rays.directions, axis=-1), 1)
    np.testing.assert_allclose(rays.scores, 0.9)


def test_rates_are_those_of_the_rays() -> None:
    times = TRACK.times[20:60]
    step = 1e-3
    change = rays_at(TRACK, times + step).directions - rays_at(TRACK, times - step).directions
    rates = rays_at(TRACK, times).rates
    directions = rays_at(TRACK, times).directions
    along = (rates * directions).sum(-1, keepdims=True) * directions
    assert np.abs(change / (2 * step) - (rates - along)).max() < 0.06
    assert np.abs(rates).max() > 0.3


def test_the_smoothing_is_the_same_at_a_frame_and_between_two() -> None:
    """Otherwise noise would pull time offsets towards half a frame."""
    rng = np.random.default_rng(0)
    noisy = np.array([0, 0, 1.0]) + 0.01 * rng.normal(size=(3000, 12, 3)) * (1, 1, 0)
    noisy /= np.linalg.norm(noisy, axis=-1, keepdims=True)
    times = np.arange(3000) / 30
    track = Track('p', times, noisy, np.ones((3000, 12)), noisy)
    spread = [rays_at(track, times[50:-50] + phase / 30).directions[..., 0].std()
              for phase in (0.0, 0.25, 0.5)]
    assert max(spread) / min(spread) < 1.05


def test_nothing_is_seen_before_after_and_in_a_gap() -> None:
    gone = (TRACK.times > 1) & (TRACK.times < 2)
    track = without(TRACK, gone)
    times = np.array([-0.01, 0.5, 1.5, 2.5, TRACK.times[-1] + 0.01])
    seen = (rays_at(track, times).scores > 0).all(-1)
    assert seen.tolist() == [False, True, False, True, False]
    assert np.isfinite(joints_at(track, times)).all((1, 2)).tolist() == seen.tolist()


def test_a_keypoint_that_is_unseen_is_unseen_between_its_frames() -> None:
    rays, scores = TRACK.rays.copy(), TRACK.scores.copy()
    rays[30:60, 4], scores[30:60, 4] = np.nan, 0
    found = rays_at(Track('p', TRACK.times, rays, scores, TRACK.joints), TRACK.times[[10, 45]])
    assert found.scores[0].min() > 0 and found.scores[1, 4] == 0
    assert np.isnan(found.directions[1, 4]).all() and np.isfinite(found.directions[1, 5]).all()


@pytest.mark.parametrize('fps', [5.0, 10.0, 60.0])
def test_slow_and_fast_cameras(fps: float) -> None:
    track, = see('a', camera_pose(0), seconds=4, fps=fps).tracks
    times = np.linspace(0.6, 3.2, 30)
    off = np.linalg.norm(
        rays_at(track, times).directions - rays_at(TRACK, times).directions, axis=-1)
    assert np.median(off) < (0.02 if fps < 10 else 0.004)
