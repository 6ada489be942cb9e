# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Names of distortion models in ROS, drivers and calibration tools."""

from __future__ import annotations

import re

import numpy as np

from pose_machine_ros.camera.lenses import BrownConrady, KannalaBrandt, Lens
from pose_machine_ros.errors import InputError

PLUMB_BOB, RATIONAL, EQUIDISTANT = 'plumb_bob', 'rational_polynomial', 'equidistant'  # ROS's names
# In lower case, without separators.
_RATIONAL = 'rationalpolynomial'
_BROWN_CONRADY = ('plumbbob', 'radtan', 'radialtangential', 'brownconrady', 'brown', 'opencv',
                  'pinhole', 'pinholeradtan', 'perspective', 'none', 'nodistortion', '')
_KANNALA_BRANDT = (EQUIDISTANT, 'equi', 'fisheye', 'opencvfisheye', 'kannalabrandt',
                   'kannalabrandt4', 'kannalabrandt8', 'kb4', 'pinholeequi')
_BROWN_CONRADY_LENGTHS, _RATIONAL_LENGTHS = (4, 5, 8, 12, 14), (8, 12, 14)
_CURE = ('calibrate with one of these, or rectify the images (image_proc), use those (image_rect), '
         'and set image.rectified to true (--rectified)')


def make_lens(model: str, coefficients: np.ndarray) -> Lens:
    """Return the lens for `distortion_model` and `d` of a CameraInfo.

    All-zero coefficients mean a pinhole for any model except a fisheye, which differs from a
    pinhole even without distortion. Trailing zeros are ignored. Raises InputError for an unknown
    model, and for a number of coefficients that the model does not have.
    """
    given = np.asarray(coefficients, np.float64).ravel()
    if not np.isfinite(given).all():
        raise InputError(f'distortion = {given.tolist()} is not usable: it must be finite numbers; '
                         'calibrate the camera again')
    name = re.sub(r'[\s_-]+', '', model.lower())
    nonzero = np.trim_zeros(given, 'b')
    if name in _KANNALA_BRANDT:
        if len(nonzero) > 4 or len(nonzero) > 0 and len(given) < 4:
            raise _unusable(model, given)
        return KannalaBrandt(np.pad(nonzero, (0, 4 - len(nonzero))))
    if not len(nonzero):
        return BrownConrady(nonzero)
    if name == _RATIONAL:
        lengths = _RATIONAL_LENGTHS
    elif name in _BROWN_CONRADY:
        lengths = _BROWN_CONRADY_LENGTHS
    else:
        raise _unusable(model, given)
    if len(given) not in lengths and (len(nonzero) > 5 or len(given) < 4 or name == _RATIONAL):
        raise _unusable(model, given)
    return BrownConrady(nonzero)


def camera_info_distortion(lens: Lens) -> tuple[str, list[float]]:
    """Return `distortion_model` and `d` of a CameraInfo for a lens, with names that ROS knows."""
    if isinstance(lens, KannalaBrandt):
        return EQUIDISTANT, lens.coefficients.tolist()
    count = next(n for n in (5, 8, 12, 14) if not lens.coefficients[n:].any())
    return (PLUMB_BOB if count == 5 else RATIONAL), lens.coefficients[:count].tolist()


def _unusable(model: str, coefficients: np.ndarray) -> InputError:
    return InputError(
        f'distortion model {model!r} with {len(coefficients)} coefficients is not supported; '
        f'{PLUMB_BOB} (4, 5, 8, 12 or 14), {RATIONAL} (8, 12 or 14) and {EQUIDISTANT} (4) are: '
        f'{_CURE}')
