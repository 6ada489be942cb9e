# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tracks at other times than those of their frames.

Cameras are not synchronised, so rays are needed between frames. A straight line, fitted to the
neighbouring frames, gives the ray and its rate of change at any time. Unlike interpolation between
two frames it smooths as much near a frame as between two, which would otherwise pull the estimated
time offsets towards half a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.rig_calibration.tracks import Track

_KERNEL_SECONDS = 0.04  # standard deviation of the weights of the neighbouring frames
_KERNEL_FRAMES = 0.75  # the same in frames, for slow cameras
_MAX_GAP = 0.25  # seconds to the frame before or after
_REACH = 4  # frames before and after the time


@dataclass(frozen=True)
class Rays:
    """Rays of one track at N times."""

    directions: np.ndarray  # (N, J, 3) unit length; NaN where unseen
    rates: np.ndarray  # (N, J, 3) change of the direction in a second
    scores: np.ndarray  # (N, J), 0 where unseen


def rays_at(track: Track, times: np.ndarray) -> Rays:
    """Return the rays of a track at `times` (N,), seconds by the camera's stamps."""
    rows, away = _neighbours(track.times, times)  # (N, K)
    step = float(np.median(np.diff(track.times)))
    width = max(_KERNEL_SECONDS, _KERNEL_FRAMES * step)
    near = np.exp(-0.5 * np.square(away / width)) * (np.abs(away) < _MAX_GAP)
    weights = near[..., None] * track.scores[rows]  # (N, K, J)
    rays = np.nan_to_num(track.rays[rows])
    total, moment, spread = (np.einsum('nkj,nk->nj', weights, away ** power)
                             for power in range(3))
    sums = [np.einsum('nkj,nk,nkjc->njc', weights, away ** power, rays) for power in range(2)]
    determinant = total * spread - moment ** 2
    is_seen = (determinant > 1e-3 * (total * width) ** 2) & _is_enclosed(track, times)[:, None]
    safe = np.where(is_seen, determinant, 1.0)[..., None]
    values = (spread[..., None] * sums[0] - moment[..., None] * sums[1]) / safe
    slopes = (total[..., None] * sums[1] - moment[..., None] * sums[0]) / safe
    length = np.linalg.norm(values, axis=-1, keepdims=True)
    is_seen &= length[..., 0] > 0.5
    length = np.where(is_seen[..., None], length, 1.0)
    share = np.where(is_seen, total / near.sum(1).clip(1e-9)[:, None], 0.0)
    return Rays(np.where(is_seen[..., None], values / length, np.nan), slopes / length, share)


def joints_at(track: Track, times: np.ndarray) -> np.ndarray:
    """Return the joints (N, J, 3) that the camera estimates at `times`; NaN where unseen."""
    flat = track.joints.reshape(len(track.times), -1)
    joints = np.stack([np.interp(times, track.times, column) for column in flat.T], -1)
    joints[~_is_enclosed(track, times)] = np.nan
    return joints.reshape(len(times), *track.joints.shape[1:])


def _neighbours(stamps: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest frames (N, K) of each time and their distance to it in seconds.

    Before the first and after the last frame there are none; they get a distance of 1000 s.
    """
    first = np.searchsorted(stamps, times)[:, None] + np.arange(-_REACH, _REACH)
    rows = first.clip(0, len(stamps) - 1)
    return rows, np.where(rows == first, stamps[rows] - times[:, None], 1e3)


def _is_enclosed(track: Track, times: np.ndarray) -> np.ndarray:
    """Return (N,) bool: whether there is a frame shortly before and shortly after each time."""
    after = np.searchsorted(track.times, times).clip(1, len(track.times) - 1)
    before, later = track.times[after - 1], track.times[after]
    slack = 1e-6
    return (times >= before - slack) & (times <= later + slack) & (later - before <= 2 * _MAX_GAP)
