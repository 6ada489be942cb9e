# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""People who walk through a room, and what cameras around it see of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.rig_calibration.tracks import CameraTracks, JOINTS, Track

# Metres, of a standing person who faces along x; the ankles are 9 cm above the floor.
_STANDING = {'shoulder': (0.0, 0.19, 1.43), 'elbow': (0.0, 0.22, 1.14), 'wrist': (0.0, 0.23, 0.88),
             'hip': (0.0, 0.11, 0.92), 'knee': (0.0, 0.11, 0.50), 'ankle': (0.0, 0.11, 0.09)}
_LIMBS = {('shoulder', 'elbow', 'wrist'): -0.5, ('hip', 'knee', 'ankle'): 0.5}  # radians
STATURE = 1.73  # metres


def walker(times: np.ndarray, seed: int = 0, size: float = 1.0) -> np.ndarray:
    """Return the joints (T, 12, 3), metres, z up, of a person who walks through the room."""
    rng = np.random.default_rng(seed)
    place, course = np.zeros((2, len(times), 2))
    for k in range(1, 4):
        rate, turn = 2 * np.pi * 0.06 * k * rng.uniform(0.8, 1.2), rng.uniform(0, 6, 2)
        reach = rng.uniform(0.6, 1.0, 2) * (1.2, 0.5, 0.3)[k - 1]
        place = place + reach * np.sin(rate * times[:, None] + turn)
        course = course + reach * rate * np.cos(rate * times[:, None] + turn)
    yaw = np.arctan2(course[:, 1], course[:, 0])
    stride = 2 * np.pi * (0.9 * times + 0.1 * np.sin(0.7 * times + rng.uniform(0, 6)))
    joints = np.zeros((len(times), len(JOINTS), 3))
    for chain, reach in _LIMBS.items():
        for side in ('left', 'right'):
            sign = 1 if side == 'left' else -1
            swing = sign * reach * np.sin(stride)
            bend = 0.25 * (1 - np.cos(stride * sign + 0.5))
            for k, part in enumerate(chain):
                at = np.array(_STANDING[part]) * (1, sign, 1)
                joints[:, JOINTS.index(f'{side}_{part}')] = at
                if k:
                    angle = swing + (bend if k == 2 else 0)
                    length = np.linalg.norm(at - np.array(_STANDING[chain[k - 1]]) * (1, sign, 1))
                    before = joints[:, JOINTS.index(f'{side}_{chain[k - 1]}')]
                    joints[:, JOINTS.index(f'{side}_{part}')] = before + length * np.stack(
                        (np.sin(angle), np.zeros_like(angle), -np.cos(angle)), -1)
    joints = size * joints
    # The lower foot stands on the floor.
    ankles = joints[:, [JOINTS.index(f'{s}_ankle') for s in ('left', 'right')], 2]
    joints[..., 2] += 0.09 - ankles.min(1)[:, None]
    turns = Rotation.from_euler('z', yaw[:, None]).as_matrix()
    turned = np.einsum('tab,tjb->tja', turns, joints)
    turned[..., :2] += place[:, None]
    return turned


def camera_pose(azimuth: float, away: float = 4.0, height: float = 1.8) -> RigidTransform:
    """Return the pose of a camera that looks at the middle of the room; degrees, metres."""
    angle = np.radians(azimuth)
    place = np.array([away * np.cos(angle), away * np.sin(angle), height])
    forward = np.array([0.1, -0.2, 0.9]) - place
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1))
    right /= np.linalg.norm(right)
    return RigidTransform(np.stack((right, np.cross(forward, right), forward), -1), place)


def see(name: str, pose: RigidTransform, people: Sequence[int] = (0,), *, seconds: float = 12.0,
        fps: float = 30.0, offset: float = 0.0, noise: float = 0.0, bias: float = 0.0,
        seed: int = 0, size: float = 1.0, start: float = 0.0) -> CameraTracks:
    """Return what a camera sees of the walkers with the seeds `people`.

    `offset` seconds have to be added to its stamps. `noise` and `bias` are metres at the person,
    the one of each frame, the other of each joint. Distances and poses that the camera estimates
    are wrong by some percent and centimetres.
    """
    rng = np.random.default_rng((seed, *name.encode()))
    tracks = []
    for person in people:
        stamps = np.arange(start, start + seconds, 1 / fps)
        seen = pose.inverse().apply(walker(stamps + offset, person, size))
        off = noise * rng.normal(size=seen.shape) + bias * rng.normal(size=seen.shape[1:])
        rays = seen + off
        rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        estimate = (1 + 0.03 * rng.normal()) * seen + 0.03 * rng.normal(size=seen.shape[1:])
        tracks.append(Track(f'p{person}', stamps, rays, np.full(seen.shape[:2], 0.9), estimate))
    return CameraTracks(name, f'{name}_optical_frame', tracks)
