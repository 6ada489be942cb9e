# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A first pose and time offset of one camera relative to another, from skeletons of each alone.

Each camera estimates the people it sees in 3D, for a nominal stature: their poses are known to
about 10 cm and 10 degrees, and their distance to 5 to 10 %. Two tracks of one person agree after a
rotation, a translation and a shift in time. Every pair of tracks proposes such a motion, and the
one that explains most people wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.rig_calibration.procrustes import nearest_rotation
from pose_machine_ros.rig_calibration.resampling import joints_at
from pose_machine_ros.rig_calibration.tracks import CameraTracks, JOINTS, Track

STEP = 1 / 15  # seconds between the times at which tracks are compared
MIN_SECONDS = 1.0  # of common frames
_VELOCITY_SECONDS = 0.25  # weight of velocities against positions
_MAX_TRACKS = 12  # longest tracks of a camera that are compared
_MAX_PROPOSALS = 8
_MIN_AGREEMENT = 0.35  # mean over the frames in which two tracks of one person are seen
_NEAR = 0.6  # metres: distance of two estimates of one person
_SIMILAR = 0.25  # metres: root mean square difference of two estimates of one pose
_POSE_SIGMA = 0.1  # metres
_RANGE_SIGMA = 0.08  # of the distance
_HIPS = [JOINTS.index(f'{side}_hip') for side in ('left', 'right')]


@dataclass(frozen=True)
class Match:
    """Frames in which a track of each camera shows the same person."""

    first: int  # index of the track of the first camera
    second: int
    frames: int  # STEP apart
    agreement: float  # sum over the frames; each counts from 0 to 1


@dataclass(frozen=True)
class Alignment:
    """Pose of the second camera in the frame of the first one."""

    pose: RigidTransform
    offset: float  # seconds to add to the second camera's stamps, to have those of the first one
    matches: list[Match]
    error: float  # metres, median distance of two estimates of one person

    @property
    def agreement(self) -> float:
        """How many frames agree how well."""
        return sum(m.agreement for m in self.matches)

    def inverse(self) -> Alignment:
        """Return the same with the cameras exchanged."""
        return Alignment(self.pose.inverse(), -self.offset,
                         [Match(m.second, m.first, m.frames, m.agreement) for m in self.matches],
                         self.error)


@dataclass(frozen=True)
class _Grid:
    """A track at whole multiples of STEP."""

    start: int  # number of the first multiple
    joints: np.ndarray  # (G, J, 3), NaN where unseen

    @classmethod
    def of(cls, track: Track) -> _Grid:
        start = int(np.ceil(track.times[0] / STEP))
        times = np.arange(start, int(np.floor(track.times[-1] / STEP)) + 1) * STEP
        return cls(start, joints_at(track, times))

    @property
    def roots(self) -> np.ndarray:
        return self.joints[:, _HIPS].mean(1)

    @property
    def poses(self) -> np.ndarray:
        return self.joints - self.roots[:, None]

    @property
    def features(self) -> np.ndarray:
        """Poses and their velocities (G, 2 J, 3), 0 where unseen."""
        velocities = np.gradient(self.poses, STEP, axis=0) if len(self.poses) > 1 \
            else np.zeros_like(self.poses)
        return np.nan_to_num(np.concatenate((self.poses, _VELOCITY_SECONDS * velocities), 1))


def align(first: CameraTracks, second: CameraTracks, max_offset: float) -> Alignment | None:
    """Return the alignment of the second camera to the first one; None if there is none.

    `max_offset` is the largest time offset that is tried, seconds; 0 for synchronised cameras.
    """
    grids = [[(i, _Grid.of(t)) for i, t in _longest(camera)] for camera in (first, second)]
    proposals = sorted(
        (p for _, a in grids[0] for _, b in grids[1] for p in _proposals(a, b, max_offset)),
        key=lambda p: -p[0])
    best = None
    for _, rotation, lag in proposals[:_MAX_PROPOSALS]:
        found = _consensus(grids, rotation, lag)
        if found is not None and (best is None or found.agreement > best.agreement):
            best = found
    return best


def _longest(camera: CameraTracks) -> list[tuple[int, Track]]:
    by_length = sorted(enumerate(camera.tracks), key=lambda entry: -entry[1].seconds)
    return [(i, t) for i, t in by_length[:_MAX_TRACKS] if t.seconds >= MIN_SECONDS]


def _proposals(a: _Grid, b: _Grid, max_offset: float) -> list[tuple[float, np.ndarray, int]]:
    """Return (evidence, rotation from the second camera to the first, lag) for one pair of tracks.

    A lag is the number of steps to add to the times of the second camera.
    """
    reach = int(round(max_offset / STEP))
    features = [a.features, b.features]
    squares = [np.square(f).sum((1, 2)) for f in features]
    lags, matrices, energies, counts = [], [], [], []
    for lag in range(-reach, reach + 1):
        begin = max(a.start, b.start + lag)
        end = min(a.start + len(a.joints), b.start + lag + len(b.joints))
        if (end - begin) * STEP < MIN_SECONDS:
            continue
        rows = slice(begin - a.start, end - a.start), slice(begin - lag - b.start,
                                                            end - lag - b.start)
        seen = (squares[0][rows[0]] > 0) & (squares[1][rows[1]] > 0)
        x, y = (f[r][seen].reshape(-1, 3) for f, r in zip(features, rows))
        lags.append(lag)
        matrices.append(x.T @ y)
        energies.append(np.sqrt(np.square(x).sum() * np.square(y).sum()))
        counts.append(int(seen.sum()))
    if not lags or max(counts) * STEP < MIN_SECONDS:
        return []
    rotations, traces = nearest_rotation(np.stack(matrices))
    agreement = traces / np.maximum(energies, 1e-9)
    evidence = -np.log(1 - agreement.clip(0, 1 - 1e-6)) * np.array(counts)
    evidence[np.array(counts) * STEP < MIN_SECONDS] = 0
    peaks = sorted(range(len(lags)), key=lambda i: -evidence[i])[:2]
    return [(float(evidence[i]), rotations[i], lags[i]) for i in peaks if evidence[i] > 0]


def _consensus(grids: list[list[tuple[int, _Grid]]], rotation: np.ndarray,
               lag: int) -> Alignment | None:
    """Return the alignment that this proposal leads to, refined on everybody who agrees with it."""
    pairs = [(i, j, a, b, *_common(a, b, lag)) for i, a in grids[0] for j, b in grids[1]]
    pairs = [p for p in pairs if p[4].stop > p[4].start]
    if not pairs:
        return None
    # Each pair of tracks proposes a translation, too.
    shifts = []
    for _, _, a, b, at, bt in pairs:
        shift = a.roots[at] - b.roots[bt] @ rotation.T
        shift = shift[np.isfinite(shift).all(-1)]
        if len(shift) * STEP >= MIN_SECONDS:
            shifts.append(np.median(shift, 0))
    best = None
    for shift in shifts:
        pose, found = RigidTransform(rotation, shift), None
        for reach in (2.0, 1.0, 1.0):
            found = _agreeing(pairs, pose, reach * _NEAR)
            if found is None:
                break
            pose = _refined(found, pose)
        if found is not None:
            found = _agreeing(pairs, pose, _NEAR)
        if found is None:
            continue
        matches = [Match(i, j, len(a), float(agreement.sum()))
                   for i, j, a, _, agreement in found]
        error = float(np.median(np.concatenate(
            [_distances(a, b, pose) for _, _, a, b, _ in found])))
        result = Alignment(pose, lag * STEP, matches, error)
        if best is None or result.agreement > best.agreement:
            best = result
    return best


def _common(a: _Grid, b: _Grid, lag: int) -> tuple[slice, slice]:
    begin = max(a.start, b.start + lag)
    end = min(a.start + len(a.joints), b.start + lag + len(b.joints))
    return (slice(begin - a.start, max(end, begin) - a.start),
            slice(begin - lag - b.start, max(end, begin) - lag - b.start))


def _agreeing(pairs: Sequence, pose: RigidTransform, near: float) -> list | None:
    """Return (track, track, joints, joints, agreement) of the tracks that show one person.

    The joints (F, J, 3) are those of each camera in the frames that agree, and the agreement (F,)
    is from 0 to 1 (MSAC, Torr and Zisserman 2000). Strangers agree for a while, too, so its mean
    has to be large in the frames in which both are seen. None if all frames together are less than
    MIN_SECONDS.
    """
    found = []
    for i, j, a, b, at, bt in pairs:
        first, second = a.joints[at], b.joints[bt]
        moved = pose.apply(second)
        away = np.linalg.norm(first[:, _HIPS].mean(1) - moved[:, _HIPS].mean(1), axis=-1)
        unlike = np.sqrt(np.square(_centred(first) - _centred(moved)).sum(-1).mean(-1))
        agreement = (1 - np.square(away / near)).clip(0) * (
            1 - np.square(unlike / _SIMILAR * _NEAR / near)).clip(0)
        agreement = np.nan_to_num(agreement)
        rows = np.flatnonzero(agreement)
        common = np.isfinite(first + moved).all((1, 2)).sum()
        if len(rows) * STEP >= MIN_SECONDS / 2 \
                and agreement.sum() >= _MIN_AGREEMENT * common:
            found.append((i, j, first[rows], second[rows], agreement[rows]))
    return found if sum(len(f[4]) for f in found) * STEP >= MIN_SECONDS else None


def _centred(joints: np.ndarray) -> np.ndarray:
    return joints - joints[:, _HIPS].mean(1, keepdims=True)


def _distances(a: np.ndarray, b: np.ndarray, pose: RigidTransform) -> np.ndarray:
    return np.linalg.norm(a[:, _HIPS].mean(1) - pose.apply(b)[:, _HIPS].mean(1), axis=-1)


def _refined(found: list, pose: RigidTransform) -> RigidTransform:
    """Return the rotation and translation that fit poses and places of the people best."""
    first, second = (np.concatenate([f[k] for f in found]) for k in (2, 3))
    roots = [x[:, _HIPS].mean(1) for x in (first, second)]
    sigma = _RANGE_SIGMA * np.linalg.norm(roots[0], axis=-1) + _RANGE_SIGMA * np.linalg.norm(
        roots[1], axis=-1)
    poses = [_centred(x).reshape(-1, 3) for x in (first, second)]
    for _ in range(3):
        residual = np.linalg.norm(roots[0] - pose.apply(roots[1]), axis=-1)
        weight = 1 / np.square(sigma) / (1 + np.square(residual / sigma))
        weight /= 5  # neighbouring frames have the same errors of distance
        means = [np.average(r, axis=0, weights=weight) for r in roots]
        matrix = ((roots[0] - means[0]) * weight[:, None]).T @ (roots[1] - means[1]) \
            + poses[0].T @ poses[1] / _POSE_SIGMA ** 2 / len(JOINTS)
        rotation, _ = nearest_rotation(matrix)
        pose = RigidTransform(rotation, means[0] - rotation @ means[1])
    return pose
