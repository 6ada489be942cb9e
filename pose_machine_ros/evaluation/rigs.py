# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Captured people seen by several synthetic cameras at once.

    rigs = load_rigs(Path('cmu25.npz'), RigConfig(cameras=4), max_seconds=3.0, split='train')
    for rig, rounds in zip(rigs, views_of_rigs(rigs)):   # of `rig_views`; slow, worth caching
        for views in rounds:                             # list[View], at most one of each camera
            fused = machine.step(views)
        truth = rig.truth_at(newest_stamps(rounds))      # (T, 17, 3), world, metres

Rigs of fewer cameras are the first ones of `rounds`, see `rig_views.select_cameras`.
"""

from __future__ import annotations

from dataclasses import dataclass
import functools
import math
from pathlib import Path

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.evaluation.camera_ring import surround
from pose_machine_ros.io.mocap.motion_capture import interpolate_frames, MotionCaptureDataset
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import noise, views

_WIDTH, _HEIGHT, _FOCAL = 1280, 720, 640.0  # px: 90 degrees wide
CAMERA = Camera(np.array([[_FOCAL, 0, _WIDTH / 2], [0, _FOCAL, _HEIGHT / 2], [0, 0, 1]]), _WIDTH,
                _HEIGHT)
_MIN_FRAMES = 3


@dataclass(frozen=True)
class RigConfig:
    """How many cameras see a person, and how."""

    cameras: int = 4
    fps: float = 30.0
    offset: float = 0.0  # seconds by which every other camera takes its images later
    is_noisy: bool = True


@dataclass(frozen=True)
class Rig:
    """One person whom N cameras see T times; all cameras have the intrinsics CAMERA."""

    name: str
    poses: list[RigidTransform]  # (N,) of the optical frames in the world, z up
    stamps_ns: np.ndarray  # (N, T) int64
    keypoints: np.ndarray  # (N, T, 17, 3) float32, COCO-17: px and score; NaN and 0 where unseen
    motion: np.ndarray  # (F, 25, 3) MOCAP_25, world, metres
    fps: float  # of `motion`, whose first frame is at stamp 0

    @functools.cached_property
    def cameras(self) -> list[str]:
        """Return the names of the cameras."""
        return [f'camera{i}' for i in range(len(self.poses))]

    def truth_at(self, stamps_ns: np.ndarray) -> np.ndarray:
        """Return HUMAN36M_17 (T, 17, 3) in the world, metres, at stamps (T,)."""
        return _joints_at(self.motion, self.fps, stamps_ns)[:, :len(HUMAN36M_17)]


def load_rigs(data: Path, config: RigConfig = RigConfig(), max_seconds: float = 3.0,
              seed: int = 0, split: str = 'test') -> list[Rig]:
    """Return a rig for each clip of a split, with at most its first `max_seconds`.

    The errors of the keypoints are those of the training's noise model, drawn for each camera. The
    same seed gives the same cameras and the same kinds of error under every condition.
    """
    motion = MotionCaptureDataset.load(data, split)
    rigs = []
    for index in range(len(motion)):
        captured = motion.clip(index).numpy().astype(np.float64)
        end = min(max_seconds, (len(captured) - 1) / motion.fps - config.offset)
        times = np.arange(0, end + 1e-6, 1 / config.fps)[:math.ceil(max_seconds * config.fps)]
        if len(times) < _MIN_FRAMES:
            continue
        rng = np.random.default_rng((seed, index))
        poses = surround(captured[:math.ceil(max_seconds * motion.fps)], config.cameras, rng)
        offsets = config.offset * (np.arange(config.cameras) % 2)
        stamps = np.round((times + offsets[:, None]) * 1e9).astype(np.int64)
        keypoints = []
        for camera, (pose, seen_at) in enumerate(zip(poses, stamps)):
            joints = pose.inverse().apply(_joints_at(captured, motion.fps, seen_at))
            generator = torch.Generator().manual_seed(100_000 * seed + 100 * index + camera)
            keypoints.append(detect(joints[None], seen_at, generator, is_noisy=config.is_noisy)[0])
        rigs.append(Rig(f'clip {index}', poses, stamps, np.stack(keypoints), captured, motion.fps))
    return rigs


def _joints_at(motion: np.ndarray, fps: float, stamps_ns: np.ndarray) -> np.ndarray:
    return interpolate_frames(motion, stamps_ns * 1e-9 * fps)


def detect(joints: np.ndarray, stamps_ns: np.ndarray, generator: torch.Generator, *,
           is_noisy: bool = True) -> np.ndarray:
    """Return keypoints (P, T, 17, 3), px and score, of people (P, T, 25, 3) before CAMERA.

    Keypoints outside the image and behind the camera are NaN with a score of 0.
    """
    points = views.coco_points(torch.from_numpy(joints).float())
    plane = views.image_plane(points)
    half = torch.tensor([_WIDTH, _HEIGHT]) / 2 / _FOCAL
    steps = torch.from_numpy(np.diff(stamps_ns, prepend=stamps_ns[0]) * 1e-9).float()
    if is_noisy:
        seen, scores = noise.add_detection_noise(
            plane, half.expand(len(joints), 2), steps.expand(len(joints), -1), generator)
    else:
        seen, scores = plane, torch.ones(plane.shape[:-1])
    unseen = (plane.abs() >= half).any(-1) | (points[..., 2] < 0.1)
    pixels = seen * _FOCAL + torch.tensor((_WIDTH / 2, _HEIGHT / 2))
    return torch.cat((torch.where(unseen[..., None], torch.nan, pixels),
                      torch.where(unseen, 0.0, scores)[..., None]), -1).numpy()
