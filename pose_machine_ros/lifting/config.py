# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings of the lifter and its corrections; importing them is cheap."""

from __future__ import annotations

from dataclasses import dataclass

from pose_machine_ros.camera.rotations import ROTATIONS
from pose_machine_ros.correction.config import GeometricConfig, PaperConfig
from pose_machine_ros.depth.config import DepthConfig
from pose_machine_ros.settings import check, group, setting

CORRECTIONS = ('none', 'geometric', 'learned', 'paper')
FEATURES = ('auto', 'off')


@dataclass(frozen=True)
class LiftingConfig:
    """How people in 2D become skeletons."""

    correction: str = setting(
        'geometric', 'Self-supervised correction of the 3D poses, so that they agree with the 2D '
        'keypoints. What was called learned until November 2026 is now paper',
        choices=CORRECTIONS, name='correction.mode')
    features: str = setting(
        'auto', 'Features of the picture for the lifter, which show what is near and what is far. '
        'With auto, keypoints2d.model thunder gives them if the lifter has weights for them',
        choices=FEATURES, name='lifting.features', dynamic=False)
    person_height: float = setting(
        0.0, 'Height of everyone in view. It determines size and distance', unit='m',
        bounds=(0.4, 2.5), zero='unknown adults')
    camera_height: float = setting(
        0.0, 'Height of the camera above the floor on which people stand. With camera_pitch it '
        'determines size and distance', unit='m', bounds=(0.0, 20.0), zero='unknown')
    camera_pitch: float = setting(
        0.0, 'Angle by which the camera looks down, used with camera_height. The camera must not '
        'be rolled, except by image.rotation', unit='rad', bounds=(-1.4, 1.4))
    min_keypoint_score: float = setting(
        0.1, '2D keypoints with a lower score count as not seen', bounds=(0.0, 0.99))
    max_gap: float = setting(
        1.0, 'Maximum time between two images; a longer gap ends all tracks', unit='s',
        bounds=(0.01, 60.0))
    rotation: int = setting(
        0, 'Clockwise rotation after which people are upright in the image, 180 for a camera that '
        'hangs upside down. Only quarter turns, therefore in degrees. Results stay in the frame of '
        'the original image', unit='deg', choices=ROTATIONS,
        name='image.rotation')
    geometric: GeometricConfig = group('correction', GeometricConfig)
    paper: PaperConfig = group('correction.paper', PaperConfig)
    depth: DepthConfig = group('depth', DepthConfig)

    def __post_init__(self) -> None:
        check(self)
