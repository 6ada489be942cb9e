# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pose accuracy metrics; joints (F, J, 3) in metres, ground truth NaN where unknown."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.evaluation.error_split import split_error
from pose_machine_ros.skeleton import HUMAN36M_17

PCK_MM = 150.0
_AUC_THRESHOLDS_MM = np.arange(0, 151, 5)  # of MPI-INF-3DHP (Mehta et al., 3DV 2017)
_MIN_FRAMES = 3  # of a clip that counts
MIN_CLIPS = 5  # for a confidence interval


def evaluate_clip(prediction: Prediction, clip: Clip) -> dict[str, float]:
    """Return the figures of one clip.

    Poses are centred at the clip's origin; `pa_mpjpe_mm` aligns each frame by a similarity instead.
    `root_error_mm` is the median distance of the origins, `root_error_pct` the same relative to the
    true distance from the camera, and `scale_drift_pct` the standard deviation over the clip of the
    logarithm of estimated over true distance. `within_1_sigma_pct` and `within_2_sigma_pct` are the
    shares of true coordinates within one and two predicted standard deviations: 68 and 95 if the
    predicted uncertainty is right. Figures that do not apply are NaN. The other figures are those
    of `error_split.split_error`.
    """
    joints = prediction.positions[:, clip.joints]
    found = np.isfinite(joints).all((1, 2)) & clip.usable
    figures = {'frames': int(found.sum())}
    if not found.any():
        return figures
    joints, truth = np.where(found[:, None, None], joints, np.nan), clip.truth
    middle, true_middle = (x[:, clip.origin].mean(1, keepdims=True) for x in (joints, truth))
    relative, expected = joints - middle, truth - true_middle
    # An origin that is a single joint has no error by definition.
    counted = [i for i in range(len(clip.joints)) if clip.origin != [i]]
    relative, expected = relative[:, counted], expected[:, counted]
    names = [HUMAN36M_17.names[clip.joints[i]] for i in counted]
    error = 1e3 * np.linalg.norm(relative - expected, axis=-1)
    known = error[np.isfinite(error)]
    away = np.linalg.norm((middle - true_middle)[:, 0], axis=-1)
    distance, true_distance = (np.linalg.norm(x[:, 0], axis=-1) for x in (middle, true_middle))
    return {
        **figures,
        'mpjpe_mm': float(known.mean()),
        'pa_mpjpe_mm': pa_mpjpe(relative[found], expected[found]),
        'scale_free_mm': scale_free_mpjpe(relative[found], expected[found]),
        'pck_pct': 100 * float((known < PCK_MM).mean()),
        'auc_pct': 100 * float(np.mean([(known < t).mean() for t in _AUC_THRESHOLDS_MM])),
        'accel_error_mm': acceleration_error(relative, expected, clip.stamps_ns),
        'root_error_mm': 1e3 * float(np.nanmedian(away)),
        'root_error_pct': 100 * float(np.nanmedian(away / true_distance)),
        'scale_drift_pct': 100 * float(np.nanstd(np.log(distance / true_distance))),
        **split_error(relative[found], expected[found], names, true_middle[found, 0]),
        **_calibration(prediction, clip, found)}


def mpjpe(joints: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean per joint position error in mm."""
    return 1e3 * float(np.nanmean(np.linalg.norm(joints - truth, axis=-1)))


def pa_mpjpe(joints: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean error in mm after Procrustes alignment of each frame with the truth."""
    return mpjpe(np.stack([procrustes(j, t) for j, t in zip(joints, truth)]), truth)


def scale_free_mpjpe(joints: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean error in mm after scaling each centred frame to fit the truth best."""
    known = np.isfinite(truth) & np.isfinite(joints)
    dot = np.where(known, joints * truth, 0).sum((1, 2))
    scale = dot / np.where(known, joints ** 2, 0).sum((1, 2)).clip(1e-12)
    return mpjpe(joints * scale[:, None, None], truth)


def procrustes(joints: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return (J, 3) `joints` after the similarity that fits them best to (J, 3) `truth`.

    Joints with a NaN truth do not count. After Umeyama, TPAMI 13(4), 1991, without reflection.
    """
    known = np.isfinite(truth).all(-1) & np.isfinite(joints).all(-1)
    if known.sum() < 3:
        return np.full_like(joints, np.nan)
    middle, target = joints[known].mean(0), truth[known].mean(0)
    x, y = joints[known] - middle, truth[known] - target
    u, s, vt = np.linalg.svd(x.T @ y)
    sign = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = (s * sign).sum() / (x ** 2).sum()
    return (joints - middle) @ rotation * scale + target


def acceleration_error(joints: np.ndarray, truth: np.ndarray, stamps_ns: np.ndarray) -> float:
    """Return the mean error of the acceleration in mm per frame interval squared at 30 Hz.

    The usual unit is mm per frame squared; the conversion to frames of 30 Hz makes different rates
    comparable. NaN for uneven frame intervals, for which second differences mean little.
    """
    steps = np.diff(stamps_ns) * 1e-9
    if len(steps) < 2 or np.ptp(steps) > 0.1 * steps.mean():
        return float('nan')
    second = np.diff(joints, 2, axis=0) - np.diff(truth, 2, axis=0)
    if not np.isfinite(second).any():
        return float('nan')
    return 1e3 * float(np.nanmean(np.linalg.norm(second, axis=-1))) / (30 * steps.mean()) ** 2


def summarize(clips: list[dict[str, float]], samples: int = 1000, seed: int = 0) -> dict:
    """Return the means of the figures of clips, weighted by the number of frames.

    For at least MIN_CLIPS clips `mpjpe_mm` and `pa_mpjpe_mm` have a 95 % interval of the bootstrap
    over clips, from `_low` to `_high`.
    """
    clips = [c for c in clips if c['frames'] >= _MIN_FRAMES]
    if not clips:
        return {'clips': 0, 'frames': 0}
    frames = np.array([c['frames'] for c in clips])
    result: dict = {'clips': len(clips), 'frames': int(frames.sum())}
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(clips), size=(samples, len(clips)))
    for key in clips[0]:
        if key == 'frames':
            continue
        values = np.array([c[key] for c in clips])
        weights = np.where(np.isfinite(values), frames, 0)
        values = np.nan_to_num(values)
        result[key] = float((values * weights).sum() / weights.sum()) if weights.any() \
            else float('nan')
        if key in ('mpjpe_mm', 'pa_mpjpe_mm') and len(clips) >= MIN_CLIPS:
            means = (values * weights)[draws].sum(1) / weights[draws].sum(1)
            result[f'{key}_low'], result[f'{key}_high'] = (
                float(x) for x in np.percentile(means, (2.5, 97.5)))
    return result


def mean_over_clips(clips: list[dict[str, float]], samples: int = 1000, seed: int = 0) -> dict:
    """Return the means of the figures of clips; every clip has the same weight.

    Each figure of at least MIN_CLIPS clips has a 95 % interval of the bootstrap over clips, from
    `_low` to `_high`. With fewer clips these are the lowest and the highest value of a clip. Clips
    without a value of a figure do not count for it.
    """
    clips = [c for c in clips if c['frames'] >= _MIN_FRAMES]
    result: dict = {'clips': len(clips), 'frames': sum(c['frames'] for c in clips)}
    for key in [k for k in clips[0] if k != 'frames'] if clips else ():
        # Sorted: the order of the clips must not change the interval.
        values = np.sort([c[key] for c in clips if np.isfinite(c[key])])
        if not values.size:
            continue
        result[key] = float(values.mean())
        if len(clips) >= MIN_CLIPS:
            draws = np.random.default_rng(seed).integers(len(values), size=(samples, len(values)))
            low, high = np.percentile(values[draws].mean(1), (2.5, 97.5))
        else:
            low, high = values[0], values[-1]
        result |= {f'{key}_low': float(low), f'{key}_high': float(high)}
    return result


def _calibration(prediction: Prediction, clip: Clip, found: np.ndarray) -> dict[str, float]:
    if prediction.covariance is None:
        return {'within_1_sigma_pct': float('nan'), 'within_2_sigma_pct': float('nan')}
    error = (prediction.positions[:, clip.joints] - clip.truth)[found]
    variance = prediction.covariance[:, clip.joints][found].diagonal(0, -2, -1)
    normalized = np.abs(error) / np.sqrt(variance)
    normalized = normalized[np.isfinite(normalized)]
    return {f'within_{n}_sigma_pct': 100 * float((normalized < n).mean()) for n in (1, 2)}
