# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Calibration files in the formats of common tools.

- ROS: `image_width`, `image_height`, `camera_matrix`, `distortion_model` (or `camera_model`, as
  in the fisheye calibration of image_pipeline), `distortion_coefficients`, and optionally
  `projection_matrix`.
- A CameraInfo as printed by `ros2 topic echo --once`, of ROS 1 too.
- OpenCV's FileStorage with the keys of its calibration sample.
- kalibr's camchain of one camera.
"""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any

import numpy as np
import yaml

from pose_machine_ros.errors import InputError

_MAX_PIXELS = 2**16  # px, width and height
_NEEDS = ('image_width, image_height, camera_matrix, distortion_model and '
          'distortion_coefficients, as camera_calibration saves them (ost.yaml)')
_PINHOLES = ('pinhole', 'plumb_bob')
# Compared in lower case, without underscores
_WIDTH, _HEIGHT = ('image_width', 'width'), ('image_height', 'height')
_MATRIX = ('camera_matrix', 'k', 'mtx', 'intrinsic_matrix')
_DISTORTION = ('distortion_coefficients', 'd', 'dist_coeffs', 'dist', 'distortion_coeffs')
_PROJECTION = ('projection_matrix', 'p')


class _Loader(yaml.SafeLoader):
    """Reads OpenCV's matrices in YAML as maps."""


_Loader.add_constructor('tag:yaml.org,2002:opencv-matrix',
                        lambda loader, node: loader.construct_mapping(node, deep=True))


def read(path: Path) -> dict[str, Any]:
    """Return the fields of `Calibration` in a file.

    Raises InputError for a file that is missing, and for one that is not a calibration.
    """
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f'the calibration {path} cannot be read: {error}') from error
    # Camera names are not needed, and some drivers write invalid YAML ("Webcam: Webcam").
    text = re.sub(r'(?m)^(%YAML:1\.0.*|camera_name:.*(\n[ \t]+.*)*)$', '', text)
    try:
        content = next((c for c in yaml.load_all(text, _Loader) if c), None)
        return _fields(content)
    except (yaml.YAMLError, RecursionError) as error:
        reason = ' '.join(str(error).split())
        raise InputError(f'{path} is not YAML ({reason}); a calibration needs {_NEEDS}') from error
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        what = f'{error.args[0]} is missing' if isinstance(error, KeyError) else str(error)
        raise InputError(
            f'{path} is not a camera calibration: {what}; it needs {_NEEDS}') from error
    except InputError as error:
        raise InputError(f'{path}: {error}') from error


def _fields(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise TypeError('it holds no "name: value" lines')
    cameras = [v for k, v in content.items() if re.fullmatch(r'cam\d+', str(k))]
    if cameras:
        if len(cameras) > 1:
            raise InputError(f'it holds {len(cameras)} cameras; give a file with one of them')
        return _kalibr_fields(cameras[0])
    entries = {str(k).lower().replace('_', ''): v for k, v in content.items()}
    roi = entries.get('roi') or {}
    return {
        'width': _pixels(_entry(entries, _WIDTH)), 'height': _pixels(_entry(entries, _HEIGHT)),
        'matrix': _numbers(_entry(entries, _MATRIX), 9),
        'distortion': _numbers(_entry(entries, _DISTORTION)),
        'distortion_model': _model(entries),
        'projection': _numbers(_entry(entries, _PROJECTION, [0.0] * 12), 12),
        'binning': tuple(max(_pixels(entries.get(f'binning{axis}', 1)), 1) for axis in 'xy'),
        'roi': tuple(_pixels(roi.get(name, 0))
                     for name in ('x_offset', 'y_offset', 'width', 'height'))}


def _kalibr_fields(camera: dict[str, Any]) -> dict[str, Any]:
    if (model := camera['camera_model']) != 'pinhole':
        raise InputError(f'camera model {model!r} is not supported; calibrate with a pinhole '
                         '(pinhole-radtan, or pinhole-equi for a fisheye)')
    fx, fy, cx, cy = _numbers(camera['intrinsics'], 4)
    width, height = camera['resolution']
    return {'width': _pixels(width), 'height': _pixels(height),
            'matrix': (fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0),
            'distortion_model': str(camera['distortion_model']),
            'distortion': _numbers(camera['distortion_coeffs'])}


def _model(entries: dict[str, Any]) -> str:
    """Return the distortion model; plumb_bob if the file names none, as in ROS."""
    if model := entries.get('distortionmodel'):
        return str(model)
    if entries.get('fisheyemodel'):
        return 'fisheye'
    model = str(entries.get('cameramodel') or 'plumb_bob')
    return 'plumb_bob' if model in _PINHOLES else model


def _entry(entries: dict[str, Any], names: tuple[str, ...], default: Any = None) -> Any:
    for name in (n.replace('_', '') for n in names):
        if entries.get(name) is not None:
            return entries[name]
    if default is None:
        raise KeyError(names[0])
    return default


def _pixels(value: Any) -> int:
    """Return a whole number of pixels."""
    number = float(value)
    if isinstance(value, bool) or not number.is_integer() or not 0 <= number <= _MAX_PIXELS:
        raise ValueError(f'{value!r} is not a number of px from 0 to {_MAX_PIXELS}')
    return int(number)


def _numbers(value: Any, count: int | None = None) -> tuple[float, ...]:
    """Return the numbers of a list, a nested list, or a map with a list `data`."""
    if isinstance(value, dict):
        value = value['data']
    if value is None:
        raise ValueError('a list of numbers is empty; write [] for no distortion')
    numbers = np.asarray(value, np.float64).ravel()
    if count is not None and numbers.size != count:
        raise ValueError(f'{numbers.tolist()} are {numbers.size} numbers and not {count}')
    return tuple(numbers.tolist())
