# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People of motion capture who walk past each other before one synthetic camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np
from scipy import ndimage
import torch

from pose_machine_ros.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.motion_capture import MotionCapture
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import noise, views

CAMERA = Camera.from_fov(1280, 720, 70)
_FOCAL = CAMERA.matrix[0, 0]
_CENTRE = CAMERA.matrix[:2, 2]
_SECONDS = 5.0
_WALK = 0.6  # m/s, and the share of the way that leads on, from which a clip is a walk
_LEADS_ON = 0.8
_NEAREST, _APART = 2.8, 0.55  # metres: distance of the nearest lane, and between lanes
_EASE = 0.15  # seconds over which a walk starts, stops or turns back
_TURN_BACK = 0.2  # chance that a person walks back from half way
# Half the thickness in metres of what hides those behind it.
_LIMB, _TRUNK, _HEAD = 0.06, 0.16, 0.11
_PILLAR_AWAY, _PILLAR_WIDE = 2.0, 0.3  # metres: nearer than anybody; its width


@dataclass(frozen=True)
class Crossing:
    """P people over T frames."""

    stamps_ns: np.ndarray  # (T,) int64
    joints: np.ndarray  # (T, P, 17, 3) HUMAN36M_17, metres, camera optical frame
    keypoints: np.ndarray  # (T, P, 17, 2) COCO-17, px
    hidden: np.ndarray  # (T, P, 17) bool: outside the picture or behind something
    behind: np.ndarray  # (T, P, 17) int: the person each keypoint is behind, -1 for nobody
    seen: np.ndarray  # (T, P, 17, 3) what a 2D network gives of those not hidden: px, score


@dataclass(frozen=True)
class Traffic:
    """What kind of crossings."""

    people: int
    fps: float = 30.0
    has_pillar: bool = False  # stands before them all


def crossings(data: Path, traffic: Traffic, count: int, seed: int = 0) -> Iterator[Crossing]:
    """Yield crossings; the same seed gives the same ones.

    Everybody walks a lane of their own from one side to the other, some turn back half way; they
    meet in the middle of the picture in the middle of the time. The walks are those of the split
    `test`. Raises InputError where there are none.
    """
    motion = MotionCapture.load(data, 'test')
    walks = [clip for clip in (motion.clip(i).numpy() for i in range(len(motion)))
             if _is_walk(clip, motion.fps)]
    if not walks:
        raise InputError(f'{data} has nobody who walks in its split test')
    for number in range(count):
        rng = np.random.default_rng((seed, traffic.people, number))
        yield _crossing(walks, motion.fps, traffic, rng)


def _is_walk(clip: np.ndarray, fps: float) -> bool:
    root = clip[:, 0, :2]
    way = np.linalg.norm(np.diff(root, axis=0), axis=1).sum()
    ahead = np.linalg.norm(root[-1] - root[0])
    return bool(len(clip) > fps and way * fps > _WALK * len(clip) and ahead > _LEADS_ON * way)


def _crossing(walks: list[np.ndarray], fps: float, traffic: Traffic,
              rng: np.random.Generator) -> Crossing:
    times = np.arange(0, _SECONDS, 1 / traffic.fps)
    lanes = _NEAREST + _APART * (np.arange(traffic.people) + rng.uniform(-0.2, 0.2, traffic.people))
    world = np.stack([
        _walk_past(walks[k], fps, times, lane, rng)
        for k, lane in zip(rng.integers(len(walks), size=traffic.people), rng.permutation(lanes))],
        1)
    joints = torch.from_numpy(_as_seen(world, rng).astype(np.float32))
    points = views.coco_points(joints)
    plane = points[..., :2] / points[..., 2:].clamp_min(0.1)
    behind, hidden = _hidden(joints.numpy(), points.numpy(), traffic.has_pillar, rng)
    half = torch.tensor([CAMERA.width, CAMERA.height]) / 2 / _FOCAL
    hidden |= (plane.abs() >= half).any(-1).numpy()
    steps = torch.from_numpy(np.diff(times, prepend=0.0)).float().expand(traffic.people, -1)
    generator = torch.Generator().manual_seed(int(rng.integers(2 ** 31)))
    noisy, scores = noise.observe(
        plane.transpose(0, 1), half.expand(traffic.people, 2), steps, generator)
    noisy = torch.where(noisy.isnan(), plane.transpose(0, 1), noisy)
    seen = torch.cat((noisy * _FOCAL + torch.tensor(_CENTRE), scores[..., None]), -1)
    return Crossing(
        np.round(times * 1e9).astype(np.int64), joints[..., :len(HUMAN36M_17), :].numpy(),
        plane.numpy() * _FOCAL + _CENTRE, hidden, behind, seen.transpose(0, 1).numpy())


def _walk_past(clip: np.ndarray, fps: float, times: np.ndarray, lane: float,
               rng: np.random.Generator) -> np.ndarray:
    """Return a person (T, 25, 3) who walks along x, `lane` metres before the origin."""
    length = (len(clip) - 1) / fps
    middle = _SECONDS / 2 + rng.uniform(-0.6, 0.6)
    at = (times - middle) * rng.uniform(0.85, 1.2) + length / 2
    if rng.random() < _TURN_BACK:
        at = length / 2 - np.abs(at - length / 2)
    # Nobody starts or stops at once.
    at = ndimage.gaussian_filter1d(np.clip(at, 0, length), _EASE / (times[1] - times[0]),
                                   mode='nearest') * fps
    before = np.minimum(np.floor(at).astype(int), len(clip) - 2)
    share = (at - before)[:, None, None]
    walk = clip[before] * (1 - share) + clip[before + 1] * share

    way = clip[-1, 0, :2] - clip[0, 0, :2]
    wanted = rng.normal(0, math.radians(15)) + math.pi * rng.integers(2)
    turn = wanted - math.atan2(way[1], way[0])
    c, s = math.cos(turn), math.sin(turn)
    halfway = clip[len(clip) // 2, 0] * (1, 1, 0) + (0, 0, np.quantile(clip[..., 2], 0.02))
    return (walk - halfway) @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) \
        + (rng.uniform(-0.6, 0.6), lane, 0)


def _as_seen(world: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn (T, P, 25, 3) from z up to the frame of a camera at the origin that looks along y."""
    pitch = rng.uniform(0.0, 0.12)
    x, y, z = np.moveaxis(world - (0, 0, rng.uniform(1.0, 1.7)), -1, 0)
    c, s = math.cos(pitch), math.sin(pitch)
    return np.stack((x, -(c * z + s * y), c * y - s * z), -1)


_BONES = [(a, b, _HEAD if 'head_top' in (HUMAN36M_17.names[a], HUMAN36M_17.names[b]) else _LIMB)
          for a, b in HUMAN36M_17.bones]
_TRUNK_BONES = [(HUMAN36M_17.index(a), HUMAN36M_17.index(b), _TRUNK)
                for a, b in (('pelvis', 'thorax'),)]


def _hidden(joints: np.ndarray, points: np.ndarray, has_pillar: bool,
            rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the person each keypoint (T, P, 17) is behind, -1 for nobody, and who is hidden."""
    frames, people = points.shape[:2]
    behind = np.full(points.shape[:3], -1)
    nearest = np.full(points.shape[:3], np.inf)
    plane = points[..., :2] / points[..., 2:]
    flat = joints[..., :2] / joints[..., 2:]
    for other in range(people):
        depth = joints[:, other, 0, 2]
        covered = np.zeros(points.shape[:3], bool)
        for a, b, radius in _BONES + _TRUNK_BONES:
            start, along = flat[:, other, a], flat[:, other, b] - flat[:, other, a]
            offset = plane - start[:, None, None]
            share = np.einsum('tpkc,tc->tpk', offset, along) \
                / np.square(along).sum(-1).clip(1e-9)[:, None, None]
            away = offset - share.clip(0, 1)[..., None] * along[:, None, None]
            covered |= np.linalg.norm(away, axis=-1) < (radius / depth)[:, None, None]
        is_behind = covered & (points[:, :, :, 2] > depth[:, None, None] + 0.2)
        is_behind[:, other] = False
        nearer = is_behind & (depth[:, None, None] < nearest)
        nearest = np.where(nearer, depth[:, None, None], nearest)
        behind[nearer] = other
    hidden = behind >= 0
    if has_pillar:
        edge = rng.uniform(-0.15, 0.15)
        pillar = np.abs(plane[..., 0] - edge) < _PILLAR_WIDE / 2 / _PILLAR_AWAY
        hidden |= pillar
        behind[pillar] = -1
    return behind, hidden
