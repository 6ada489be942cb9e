# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Long walks through a room, made of short captured clips.

The poses are those of the clips, one after the other with a short cross-fade; the course is
steered from one random target to the next.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from pose_machine_ros.skeleton import MOCAP_25

_HIPS = [MOCAP_25.index(f'{side}_hip') for side in ('left', 'right')]
_FADE_SECONDS = 0.3  # from one clip to the next
_YAW_SECONDS = 0.25  # standard deviation over which the course of a clip is smoothed
_TURN_RATE = math.radians(80)  # largest, in a second
_ARRIVED = 0.4  # metres from a target


def room_walk(clips: list[np.ndarray], fps: float, seconds: float, radius: float,
              rng: np.random.Generator) -> np.ndarray:
    """Return a walk (F, 25, 3), metres, z up, floor at 0, at `fps`, within about `radius` of 0, 0.

    `clips` are captured walks (T, 25, 3) of one person or of several of the same size.
    """
    frames = round(seconds * fps) + 1
    poses, speeds = _chained([_local(clip, fps) for clip in clips], frames,
                             round(_FADE_SECONDS * fps), rng)
    place, yaw = np.zeros(2), rng.uniform(-math.pi, math.pi)
    target = place
    result = np.empty_like(poses)
    for i, (pose, speed) in enumerate(zip(poses, speeds)):
        while np.linalg.norm(target - place) < _ARRIVED:
            angle, away = rng.uniform(-math.pi, math.pi), radius * math.sqrt(rng.random())
            target = away * np.array([math.cos(angle), math.sin(angle)])
        wanted = math.atan2(*(target - place)[::-1]) - yaw
        wanted = (wanted + math.pi) % (2 * math.pi) - math.pi
        yaw += np.clip(2 * wanted, -_TURN_RATE, _TURN_RATE) / fps
        turn = np.array([[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]])
        place = place + turn @ speed / fps
        result[i] = pose
        result[i, :, :2] = pose[:, :2] @ turn.T + place
    return result


def _local(clip: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return joints (T, 25, 3) with the course along x and the pelvis at 0, 0, and its velocity.

    The velocity (T, 2) is that of the pelvis across the floor, metres per second.
    """
    hips = clip[:, _HIPS[0], :2] - clip[:, _HIPS[1], :2]  # to the left
    yaw = np.unwrap(np.arctan2(-hips[:, 0], hips[:, 1]))
    yaw = ndimage.gaussian_filter1d(yaw, _YAW_SECONDS * fps, mode='nearest')
    c, s = np.cos(yaw), np.sin(yaw)
    back = np.stack((np.stack((c, s), -1), np.stack((-s, c), -1)), -2)  # (T, 2, 2)
    joints = clip.astype(np.float64)
    joints[..., 2] -= np.quantile(joints[..., 2], 0.02)
    joints[..., :2] = np.einsum('tab,tjb->tja', back, clip[..., :2] - clip[:, :1, :2])
    speed = np.gradient(clip[:, 0, :2].astype(np.float64), 1 / fps, axis=0)
    return joints, np.einsum('tab,tb->ta', back, speed)


def _chained(clips: list[tuple[np.ndarray, np.ndarray]], frames: int, fade: int,
             rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    parts = [np.concatenate((joints.reshape(len(joints), -1), speed), -1)
             for joints, speed in clips if len(joints) > 2 * fade]
    chain = parts[rng.integers(len(parts))]
    share = np.linspace(0, 1, fade + 2)[1:-1, None]
    while len(chain) < frames:
        part = parts[rng.integers(len(parts))]
        mixed = (1 - share) * chain[-fade:] + share * part[:fade]
        chain = np.concatenate((chain[:-fade], mixed, part[fade:]))
    chain = chain[:frames]
    return chain[:, :-2].reshape(frames, -1, 3), chain[:, -2:]
