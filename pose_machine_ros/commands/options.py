# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Options that several commands have."""

from __future__ import annotations

import argparse
import logging
import math
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from pose_machine_ros.camera.field_of_view import FOV
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.settings import Setting, setting_of
from pose_machine_ros.tracking.config import TrackingConfig

if TYPE_CHECKING:
    from pose_machine_ros.camera.camera import Camera  # torch takes long to import

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mkv', '.mov', '.webm', '.m4v')
_LOGGER = logging.getLogger(__name__)


def add_lifting(parser: argparse.ArgumentParser) -> None:
    """Declare how people are lifted to 3D."""
    _add_setting(parser, '--correction', LiftingConfig)
    add_person_height(parser)
    add_rotation(parser)
    add_device(parser)


def add_person_height(parser: argparse.ArgumentParser) -> None:
    """Declare how tall the people are."""
    _add_setting(parser, '--person-height', LiftingConfig, metavar='METRES')


def add_rotation(parser: argparse.ArgumentParser) -> None:
    """Declare how the camera is mounted."""
    _add_setting(parser, '--rotation', LiftingConfig)


def add_device(parser: argparse.ArgumentParser) -> None:
    """Declare where the networks run."""
    _add_setting(parser, '--device', MachineConfig)


def add_keypoints(parser: argparse.ArgumentParser) -> None:
    """Declare the network for the keypoints, and the runtime of the 2D networks."""
    _add_setting(parser, '--model', Keypoints2DConfig)
    _add_setting(parser, '--backend', Keypoints2DConfig)


def keypoints_config(args: argparse.Namespace) -> Keypoints2DConfig:
    """Return the settings that `add_keypoints` declared."""
    return Keypoints2DConfig(model=args.model, backend=args.backend)


def add_mediapipe_python(parser: argparse.ArgumentParser) -> None:
    """Declare where MediaPipe is installed."""
    parser.add_argument('--mediapipe-python', type=Path, default=Path(sys.executable),
                        metavar='PYTHON', help='Python of an environment with MediaPipe (default: '
                        'the one that runs this command)')


def add_max_people(parser: argparse.ArgumentParser) -> None:
    """Declare how many people are tracked."""
    _add_setting(parser, '--max-people', TrackingConfig, metavar='N')


def lifting_config(args: argparse.Namespace) -> LiftingConfig:
    """Return the settings that `add_lifting` declared."""
    return LiftingConfig(correction=args.correction, person_height=args.person_height,
                         rotation=args.rotation)


def add_camera(parser: argparse.ArgumentParser) -> None:
    """Declare which camera took the video."""
    parser.add_argument('--camera', type=Path, metavar='CALIB.yaml',
                        help='calibration of the camera, as ROS, OpenCV or kalibr saves it; it may '
                        'be for another size of the same image')
    add_lens(parser)


def add_lens(parser: argparse.ArgumentParser) -> None:
    """Declare how the camera's calibration is to be read."""
    parser.add_argument('--rectified', action='store_true',
                        help='the images are rectified: their intrinsics are the '
                        'projection_matrix of the calibration')
    low, high = map(math.degrees, FOV.bounds)
    accepted = f'{math.ceil(low)} to {math.floor(high)}'  # whole degrees within the bounds
    parser.add_argument('--fov', type=float, default=math.degrees(FOV.default), metavar='DEGREES',
                        help=f'{_help(FOV)} [{accepted}] (default: %(default)g)')


def camera_of(args: argparse.Namespace, width: int, height: int) -> Camera:
    """Return the camera of images of `width` x `height` px; warn if it is a guess or doubtful.

    Raises InputError for a calibration or a field of view that is not usable.
    """
    from pose_machine_ros.camera.camera import Camera
    from pose_machine_ros.io.calibration import Calibration
    fov = math.radians(args.fov)
    if args.camera is None:
        _LOGGER.warning('no --camera: a field of view of %g degrees is assumed; directions are '
                        'approximate and distances are a guess', args.fov)
        return Camera.from_fov(width, height, fov)
    camera = Calibration.from_yaml(args.camera).camera(
        width, height, rectified=args.rectified, fov=fov)
    if camera.remark:
        _LOGGER.warning('%s: %s', args.camera, camera.remark)
    return camera


def _add_setting(parser: argparse.ArgumentParser, option: str, config: type,
                 metavar: str | None = None) -> None:
    """Declare an option with the help, default and choices of the setting of the same name."""
    setting = setting_of(config, option.strip('-').replace('-', '_'))
    accepted = '' if setting.choices else setting.accepted(setting.unit)
    text = _help(setting) + (f' [{accepted}]' if accepted else '') + ' (default: %(default)s)'
    parser.add_argument(option, type=setting.kind, default=setting.default, metavar=metavar,
                        choices=setting.choices or None, help=text)


def _help(setting: Setting) -> str:
    """Return the description as argparse shows it."""
    return (setting.description[0].lower() + setting.description[1:]).replace('%', '%%')
