# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Synthetic training clips: captured motion, random body, camera, frame rate and noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.lifting.features import PersonView, rays_of, view_people
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import bodies, noise, postures, views

_JOINTS = len(HUMAN36M_17)
MIN_SCORE = 0.15
MIN_KEYPOINTS = 5  # with at least MIN_SCORE; a frame with fewer is not used


@dataclass(frozen=True)
class Batch:
    """B training clips of T frames."""

    view: PersonView  # (B, T, ...)
    joints: Tensor  # (B, T, 17, 3), metres relative to the pelvis, person camera
    weights: Tensor  # (B, T), 0 for frames that do not count, else 1
    true_plane: Tensor  # (B, T, 17, 2), keypoints without noise, x/z and y/z in the person camera


class ClipSynthesizer:
    """An endless iterator of random batches; the same seed gives the same batches."""

    def __init__(self, data: MotionCaptureDataset, batch: int, frames: int, seed: int = 0,
                 device: torch.device | str = 'cpu',
                 noise_config: noise.NoiseConfig = noise.NoiseConfig(),
                 posture_config: postures.PostureConfig = postures.PostureConfig()) -> None:
        self._data, self._batch, self._frames = data, batch, frames
        self._generator = torch.Generator().manual_seed(seed)
        self._device = device
        self._noise, self._postures = noise_config, posture_config

    def __next__(self) -> Batch:
        joints, others, steps, captured = self.motion()
        joints = postures.randomize_postures(
            joints, others, steps, self._generator, self._postures)
        flip = torch.rand(len(joints), generator=self._generator) < 0.5
        joints = torch.where(flip[:, None, None, None], bodies.mirror(joints), joints)
        joints = bodies.randomize_bodies(joints, self._generator)
        seen = views.sample_views(joints, self._generator)
        return self._as_batch(seen, steps, captured)

    def __iter__(self) -> ClipSynthesizer:
        return self

    def motion(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return two sets of clips (B, T, 25, 3) at the same random frame rates.

        The third value are the time steps (B, T) in seconds. The fourth is (B, T) bool: whether the
        clip of the first set is not over; a clip that is over repeats its last frame.
        """
        data, batch, frames = self._data, self._batch, self._frames
        generator = self._generator

        def uniform(low: float, high: float, *shape: int) -> Tensor:
            return low + (high - low) * torch.rand(*shape, generator=generator)

        rate = 8 * (60 / 8) ** uniform(0, 1, batch, 1)
        steps = (1 / rate).expand(batch, frames).clone()
        drops = uniform(0, 1, batch, 1) < 0.3  # some cameras lose frames
        lost = torch.where(drops, uniform(0, 1, batch, frames) < 0.2, False)
        steps = torch.where(lost, steps * torch.randint(2, 5, (batch, frames), generator=generator),
                            steps)
        steps[:, 0] = 0
        speed = uniform(0.8, 1.25, batch, 1)
        position = (steps * speed).cumsum(1) * data.fps  # in captured frames

        (clips, captured), (others, _) = (self._read(position) for _ in range(2))
        return clips, others, steps, captured

    def _read(self, position: Tensor) -> tuple[Tensor, Tensor]:
        """Read a random clip from a random start, for each row of `position` (B, T) in frames.

        Returns joints (B, T, 25, 3) and (B, T) bool: whether the clip is not over.
        """
        data, generator = self._data, self._generator
        # Proportional to the square root of the length: long clips would dominate otherwise.
        clip = torch.multinomial(data.lengths.float().sqrt(), len(position), replacement=True,
                                 generator=generator)
        room = (data.lengths[clip] - 1 - position[:, -1]).clamp_min(0)
        position = position + (torch.rand(len(clip), generator=generator) * room)[:, None]
        last = (data.lengths[clip] - 1)[:, None].float()
        return _interpolate(data, clip, position.minimum(last)), position <= last

    def _as_batch(self, seen: views.CameraViews, steps: Tensor, captured: Tensor) -> Batch:
        points = views.coco_points(seen.joints)
        plane = views.image_plane(points)
        noisy, scores = noise.add_detection_noise(
            plane, seen.half_extent, steps, self._generator, self._noise)
        in_front = (points[..., 2] > 0.3).all(-1)
        counted = captured & in_front & ((scores > MIN_SCORE).sum(-1) >= MIN_KEYPOINTS)

        device = self._device
        noisy, scores, steps, plane = (x.to(device) for x in (noisy, scores, steps, plane))
        view = view_people(rays_of(noisy), scores, steps)
        joints = seen.joints[:, :, :_JOINTS].to(device)
        joints = (joints - joints[:, :, :1]) @ view.rotation.mT
        rays = rays_of(plane) @ view.rotation.mT
        true_plane = rays[..., :2] / rays[..., 2:].clamp_min(0.05)
        return Batch(view, joints, counted.to(device, torch.float32), true_plane)


def _interpolate(data: MotionCaptureDataset, clip: Tensor, position: Tensor) -> Tensor:
    """Return joints of clips at fractional frames (B, T), by Catmull-Rom splines."""
    base = position.floor()
    t = (position - base)[..., None, None]
    last = (data.lengths[clip] - 1)[:, None]
    base = base.long()

    def frame(offset: int) -> Tensor:
        index = (base + offset).clamp_min(0).minimum(last)
        return data.joints[data.starts[clip][:, None] + index]

    a, b, c, d = frame(-1), frame(0), frame(1), frame(2)
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
