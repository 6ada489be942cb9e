# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Captured people before one camera that stays where it is, as on a robot.

The 2D network is simulated by the noise model of the training. With a `trunk_bias` it also
misplaces hips and shoulders of all people alike, as another network may do.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import HUMAN36M_17
from pose_machine_ros.synthesis import noise, views
from pose_machine_ros.training.trunk_bias import misplace

_CAMERA = Camera.from_fov(1280, 720, math.radians(70))
_HEIGHT, _PITCH = 0.9, math.radians(3)  # of the camera: metres, radians downwards
_DISTANCE, _ACROSS = (2.2, 4.5), 0.25  # of the people: metres, share of the distance
_JOINTS = len(HUMAN36M_17)
UNBIASED = (0.0, 0.0)


@dataclass(frozen=True)
class Footage:
    """What one camera sees of some people."""

    subjects: tuple[str, ...]  # whose clips of the split `test` are seen
    views: int = 1  # how often each clip is seen, each time from another side
    max_seconds: float = 3.0  # of each clip
    trunk_bias: tuple[float, float] = UNBIASED  # as in `training.trunk_bias`
    seed: int = 0


def film(data: Path, footage: Footage) -> list[Clip]:
    """Return the clips of a motion capture file that the camera sees, 30 frames per second.

    Raises InputError if the file has none of one of the subjects.
    """
    motion = MotionCaptureDataset.load(data, 'test')
    owners = _subjects(data)
    if missing := set(footage.subjects) - set(owners):
        raise InputError(f'{data} has no clip of {", ".join(sorted(missing))} in its split test; '
                         f'it has {", ".join(sorted(set(owners)))}')
    result = []
    for index, owner in enumerate(owners):
        if owner not in footage.subjects:
            continue
        captured = motion.clip(index)[:round(footage.max_seconds * motion.fps)]
        for view in range(footage.views):
            seed = hash((footage.seed, index, view))  # of integers: the same in every process
            name = f'{owner} clip {index} view {view}'
            result.append(_film(captured, motion.fps, name, footage.trunk_bias, seed))
    return result


def write_keypoints(clips: list[Clip], folder: Path) -> None:
    """Write the keypoints of each clip to a file, as `pose-machine keypoints` does."""
    folder.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        KeypointFile(clip.stamps_ns, clip.keypoints.astype(np.float32), clip.camera).write(
            folder / f'{clip.name.replace(" ", "_")}.npz')


def _subjects(data: Path) -> list[str]:
    with np.load(data, allow_pickle=False) as arrays:
        if 'subject' not in arrays:
            raise InputError(f'{data} does not say who was captured: it lacks the array subject')
        return arrays['subject'][arrays['split'] == 'test'].tolist()


def _film(captured: Tensor, fps: float, name: str,
          bias: tuple[float, ...], seed: int) -> Clip:
    generator = torch.Generator().manual_seed(seed % 2 ** 31)
    joints = _before_camera(captured, generator)
    plane = misplace(views.image_plane(views.coco_points(joints)), torch.tensor(bias))
    focal, centre = _CAMERA.matrix[0, 0], _CAMERA.matrix[:2, 2]
    half = torch.tensor([[_CAMERA.width, _CAMERA.height]]) / 2 / focal
    steps = torch.full((1, len(joints)), 1 / fps)
    steps[0, 0] = 0
    noisy, scores = noise.add_detection_noise(
        plane[None], half.float(), steps, generator)
    keypoints = np.concatenate(
        (noisy[0].numpy() * focal + centre, scores[0, ..., None].numpy()), -1)
    stamps = np.round(np.arange(len(joints)) / fps * 1e9).astype(np.int64)
    return Clip(name, keypoints, stamps, _CAMERA, joints[:, :_JOINTS].double().numpy(),
                list(range(_JOINTS)), [0])


def _before_camera(captured: Tensor, generator: torch.Generator) -> Tensor:
    """Return joints (T, 25, 3) in the camera's frame, the person somewhere in front of it."""
    heading, far, across = torch.rand(3, generator=generator).tolist()
    c, s = math.cos(2 * math.pi * heading), math.sin(2 * math.pi * heading)
    near, distant = _DISTANCE
    distance = near + (distant - near) * far
    middle = torch.cat((captured[:, 0, :2].mean(0), torch.zeros(1)))
    turned = (captured - middle) @ torch.tensor([[c, s, 0], [-s, c, 0], [0, 0, 1.0]])
    ground = captured[..., 2].quantile(0.02)
    x, y, z = turned.unbind(-1)
    x, y, z = x + (2 * across - 1) * _ACROSS * distance, y + distance, z - ground - _HEIGHT
    c, s = math.cos(_PITCH), math.sin(_PITCH)
    return torch.stack((x, -(c * z + s * y), c * y - s * z), -1)
