# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Synthetic rigs to calibrate: a captured person walks through a room for a minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np
import torch

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.evaluation.crossings import walks_of
from pose_machine_ros.evaluation.rigs import CAMERA, detect
from pose_machine_ros.evaluation.room_walks import room_walk
from pose_machine_ros.io.mocap.motion_capture import interpolate_frames
from pose_machine_ros.keypoint_sequence import KeypointSequence
from pose_machine_ros.synthesis import bodies

_FPS = 30.0
_RADIUS = 1.6  # metres, of the part of the room in which the person walks


@dataclass(frozen=True)
class RigScenario:
    """A kind of rig."""

    cameras: int
    seconds: float = 60.0
    max_offset: float = 1.0  # seconds; largest error of the cameras' stamps
    is_noisy: bool = True


@dataclass(frozen=True)
class RigScene:
    """What C cameras see of one person, and the truth. World: z up, floor at z = 0, metres."""

    sequences: list[KeypointSequence]  # C, with the stamps of each camera
    poses: list[RigidTransform]  # C, of the cameras' optical frames in the world
    offsets: list[float]  # C, seconds to add to the stamps of each camera
    stature: float  # metres, of the person
    joints: np.ndarray  # (F, 25, 3), in the world
    fps: float


def scenes(data: Path, scenario: RigScenario, count: int, seed: int = 0) -> Iterator[RigScene]:
    """Yield `count` scenes; the same seed gives the same scenes.

    Cameras are 3 to 6 m from the middle of the room, 1 to 2.5 m high, and look at people there.
    The walks come from the split `test` of the motion capture file `data`. Raises InputError if
    it has none.
    """
    walks, fps = walks_of(data)
    statures = [bodies.stature_of(torch.from_numpy(w)) for w in walks]
    for number in range(count):
        rng = np.random.default_rng((seed, scenario.cameras, number))
        chosen = statures[rng.integers(len(walks))]
        same = [w for w, s in zip(walks, statures) if abs(s - chosen) < 0.03]
        joints = room_walk(same, fps, scenario.seconds + 2 * scenario.max_offset, _RADIUS, rng)
        poses = _poses(scenario.cameras, rng)
        offsets = [0.0, *rng.uniform(-1, 1, scenario.cameras - 1) * scenario.max_offset]
        sequences = [_sequence(joints, fps, pose, offset, scenario, rng)
                     for pose, offset in zip(poses, offsets)]
        yield RigScene(sequences, poses, offsets, chosen, joints, fps)


def _poses(count: int, rng: np.random.Generator) -> list[RigidTransform]:
    apart = math.radians(rng.uniform(40, 140)) if count == 2 else 2 * math.pi / count
    start = rng.uniform(-math.pi, math.pi)
    return [_pose(start + apart * i + rng.normal(0, math.radians(10)), rng) for i in range(count)]


def _pose(azimuth: float, rng: np.random.Generator) -> RigidTransform:
    away = rng.uniform(3, 6)
    place = np.array([away * math.cos(azimuth), away * math.sin(azimuth), rng.uniform(1, 2.5)])
    forward = np.array([*rng.normal(0, 0.3, 2), rng.uniform(0.8, 1.1)]) - place
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1))
    right /= np.linalg.norm(right)
    roll = rng.normal(0, math.radians(3))
    down = np.cross(forward, right)
    axes = np.stack((math.cos(roll) * right + math.sin(roll) * down,
                     math.cos(roll) * down - math.sin(roll) * right, forward), -1)
    return RigidTransform(axes, place)


def _sequence(joints: np.ndarray, fps: float, pose: RigidTransform, offset: float,
              scenario: RigScenario, rng: np.random.Generator) -> KeypointSequence:
    stamps = np.arange(0, scenario.seconds, 1 / _FPS) + rng.uniform(0, 1 / _FPS)
    times = stamps + offset + scenario.max_offset  # since the start of the walk
    seen = interpolate_frames(joints, times.clip(0, (len(joints) - 1) / fps) * fps)
    ns = np.round(stamps * 1e9).astype(np.int64)
    generator = torch.Generator().manual_seed(int(rng.integers(2 ** 31)))
    keypoints = detect(pose.inverse().apply(seen)[None], ns, generator,
                       is_noisy=scenario.is_noisy)[0]
    people = [{'p1': k} if (k[:, 2] > 0).any() else {} for k in keypoints]
    return KeypointSequence(ns, people, CAMERA)
