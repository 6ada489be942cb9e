# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A picture of the fusion: the images of all cameras with the fused skeletons, and the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.fused_video import RigVideo
from pose_machine_ros.fusion.machine import FusedPoseMachine
from pose_machine_ros.fusion.view import View
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.pose import Skeleton, unseen_keypoints
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.rendering.rig_view3d import draw_rig, rays_to_joints

_HEIGHT = 600  # px
_WORLD_WIDTH = 800  # px


def draw_video(video: RigVideo, videos_dir: Path, number: int, path: Path) -> None:
    """Write the picture of round `number` of simultaneous videos, fused from the first round on.

    Raises InputError if there is no such round, or if the picture cannot be written.
    """
    if not 0 <= number < len(video.rounds):
        raise InputError(f'round {number} does not exist: the videos have {len(video.rounds)}, '
                         'counted from 0')
    machine = FusedPoseMachine()
    for views in video.rounds[:number + 1]:
        fused = machine.step(views)
    images = [next(image for _, image in islice(
        VideoFile(videos_dir / f'{name}.mp4'), video.frames[number], None))
        for name in video.cameras]
    picture = draw_round([f.skeleton for f in fused if f.skeleton.state.is_active],
                         video.rounds[number], list(video.cameras.values()), images)
    if not cv2.imwrite(str(path), picture, (cv2.IMWRITE_JPEG_QUALITY, 88)):
        raise InputError(f'cannot write {path}; give a file .png or .jpg in an existing folder')


def draw_round(skeletons: Sequence[Skeleton], views: Sequence[View], cameras: Sequence[Camera],
               images: Sequence[np.ndarray]) -> np.ndarray:
    """Return (H, W, 3) BGR: the images with the skeletons and keypoints, and the world.

    `skeletons` are in the world, metres; `views`, `cameras` and `images` (H, W, 3) BGR are those of
    each camera.
    """
    parts = []
    for view, camera, image in zip(views, cameras, images):
        seen = [replace(s, xyz=view.pose.inverse().apply(s.xyz.astype(float)),
                        keypoints=_keypoints(view, s)) for s in skeletons]
        shown = draw_overlay(image, seen, camera)
        width = round(image.shape[1] * _HEIGHT / image.shape[0])
        shown = cv2.resize(shown, (width, _HEIGHT), interpolation=cv2.INTER_AREA)
        style.draw_text(shown, view.camera, (10, _HEIGHT - 12))
        parts.append(shown)
    return np.hstack((*parts, draw_rig((_WORLD_WIDTH, _HEIGHT), skeletons, views, cameras)))


def _keypoints(view: View, skeleton: Skeleton) -> np.ndarray:
    """Return the keypoints (17, 3) of the person in a view who is `skeleton`."""
    for person in view.skeletons:
        if len(rays_to_joints(replace(view, skeletons=[person]), [skeleton])):
            return person.keypoints
    return unseen_keypoints()
