# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Options that several commands have."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pose_machine_ros.camera import Camera, DEFAULT_FOV
from pose_machine_ros.camera.rotations import ROTATIONS
from pose_machine_ros.io.calibration import Calibration

if TYPE_CHECKING:
    from pose_machine_ros.lifting.lifter import LiftingConfig  # takes long to import

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mkv', '.mov', '.webm', '.m4v')
CORRECTIONS = ('none', 'learned', 'geometric')
_LOGGER = logging.getLogger(__name__)


def add_lifting(parser: argparse.ArgumentParser) -> None:
    """Declare how people are lifted to 3D."""
    parser.add_argument('--correction', choices=CORRECTIONS, default='geometric',
                        help='self-supervised correction (default: %(default)s)')
    parser.add_argument('--person-height', type=float, default=0.0, metavar='METRES',
                        help='height of the people in view; 0 = unknown adults (default)')
    add_rotation(parser)
    parser.add_argument('--device', default='auto',
                        help='auto, cpu, cuda or cuda:N (default: %(default)s)')


def add_rotation(parser: argparse.ArgumentParser) -> None:
    """Declare how the camera is mounted."""
    parser.add_argument('--rotation', type=int, default=0, choices=ROTATIONS,
                        help='degrees clockwise that turn the picture so that people stand upright '
                        'in it (default: %(default)s)')


def lifting_config(args: argparse.Namespace) -> LiftingConfig:
    """Return the settings that `add_lifting` declared."""
    from pose_machine_ros.lifting.lifter import LiftingConfig
    return LiftingConfig(correction=args.correction, person_height=args.person_height,
                         rotation=args.rotation)


def add_backend(parser: argparse.ArgumentParser) -> None:
    """Declare what runs the 2D networks."""
    parser.add_argument('--backend', default='auto',
                        help='of the 2D networks: auto, torch, onnxruntime or openvino '
                        '(default: %(default)s)')


def add_camera(parser: argparse.ArgumentParser) -> None:
    """Declare which camera took the video."""
    parser.add_argument('--camera', type=Path, metavar='CALIB.yaml',
                        help="the camera's calibration, as ROS, OpenCV or kalibr saves it; it may "
                        'be for another size of the same picture')
    add_lens(parser)


def add_lens(parser: argparse.ArgumentParser) -> None:
    """Declare how the camera's calibration is to be read."""
    parser.add_argument('--rectified', action='store_true',
                        help='the lens distortion has been taken out of the images: their '
                        "intrinsics are the calibration's projection_matrix")
    parser.add_argument('--fov', type=float, default=DEFAULT_FOV, metavar='DEGREES',
                        help="field of view over the image's longer side, if there is no "
                        'calibration (default: %(default)s)')


def camera_of(args: argparse.Namespace, width: int, height: int) -> Camera:
    """Return the camera for pictures of `width` x `height`; warns if it is a guess, or doubtful."""
    if args.camera is None:
        _LOGGER.warning('no --camera: a field of view of %g degrees is assumed; directions are '
                        'approximate and distances are a guess', args.fov)
        return Camera.from_fov(width, height, args.fov)
    camera = Calibration.from_yaml(args.camera).camera(
        width, height, rectified=args.rectified, fov_degrees=args.fov)
    if camera.remark:
        _LOGGER.warning('%s: %s', args.camera, camera.remark)
    return camera
