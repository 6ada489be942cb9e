# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Messages as no camera should send them: good ones with any of their fields spoilt.

hypothesis draws the changes, not the messages: what fails can be read then.
"""

from __future__ import annotations

import cv2
from hypothesis import strategies as st
import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose_machine_ros.ros.images import ENCODINGS

WIDTH, HEIGHT = 64, 48
_OTHER_ENCODINGS = ('nv12', '16UC1', '32FC1', 'mono16', '8UC2', 'BGR8', 'bgr8 ', 'bayer_rggb16', '')
_DISTORTIONS = ('plumb_bob', 'rational_polynomial', 'equidistant', 'fisheye', '')

_uint32 = st.sampled_from([0, 1, 2, 3, WIDTH - 1, WIDTH, WIDTH + 1, HEIGHT - 1, HEIGHT + 1, 2**16,
                           2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)
_small = st.integers(0, 80)  # sizes for which there may be enough data
_text = st.text(max_size=30)
_number = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e300]) | st.floats(-1000, 1000)


def pixels(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return noise (height, width, 3) uint8, nobody in it."""
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def good_image() -> Image:
    """Return an image that a node can work on, without stamp."""
    message = Image(width=WIDTH, height=HEIGHT, encoding='bgr8', step=3 * WIDTH)
    message.data.frombytes(pixels().tobytes())
    return message


def good_compressed(suffix: str = '.jpg') -> CompressedImage:
    """Return the same, compressed."""
    message = CompressedImage(format='jpeg')
    message.data.frombytes(cv2.imencode(suffix, pixels())[1].tobytes())
    return message


def good_info(width: int = WIDTH, height: int = HEIGHT) -> CameraInfo:
    """Return the intrinsics of a calibrated camera."""
    return CameraInfo(
        width=width, height=height, distortion_model='plumb_bob', d=[0.0] * 5,
        k=[width, 0.0, width / 2, 0.0, width, height / 2, 0.0, 0.0, 1.0])


header_changes = st.fixed_dictionaries({}, optional={
    'stamp': st.tuples(st.integers(-2**31, 2**31 - 1),
                       st.integers(0, 2**32 - 1) | st.integers(0, 10**9 - 1)),
    'frame_id': _text})
image_changes = st.fixed_dictionaries({'header': header_changes}, optional={
    'width': _uint32 | _small, 'height': _uint32 | _small, 'step': _uint32 | _small,
    'encoding': st.sampled_from(ENCODINGS + _OTHER_ENCODINGS) | _text,
    'is_bigendian': st.integers(0, 255),
    'data': st.binary(max_size=300) | st.integers(0, WIDTH * HEIGHT * 3)})  # or how much is left
compressed_changes = st.fixed_dictionaries(
    {'header': header_changes, 'suffix': st.sampled_from(['.jpg', '.png', '.bmp', '.webp'])},
    optional={'format': _text, 'data': st.binary(max_size=300) | st.floats(0, 1),
              'bytes': st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8)})
info_changes = st.fixed_dictionaries({'header': header_changes}, optional={
    'width': _uint32, 'height': _uint32, 'binning_x': _uint32, 'binning_y': _uint32,
    'distortion_model': st.sampled_from(_DISTORTIONS) | _text,
    'd': st.lists(_number, max_size=14),
    'k': st.lists(_number, min_size=9, max_size=9),
    'places': st.dictionaries(st.integers(0, 8), _number, max_size=3),  # in k
    'roi': st.dictionaries(st.sampled_from(('x_offset', 'y_offset', 'width', 'height')), _uint32)})


def spoilt_image(changes: dict) -> Image:
    """Return the good image with `image_changes`."""
    message = good_image()
    _set(message, changes, ('width', 'height', 'step', 'encoding', 'is_bigendian'))
    data = changes.get('data', len(message.data))
    if isinstance(data, int):
        del message.data[data:]
    else:
        message.data = data
    return message


def spoilt_compressed(changes: dict) -> CompressedImage:
    """Return the good compressed image with `compressed_changes`."""
    message = good_compressed(changes['suffix'])
    _set(message, changes, ('format',))
    data = bytearray(message.data)
    for place, value in changes.get('bytes', ()):
        data[round(place * (len(data) - 1))] = value
    cut = changes.get('data', 1.0)
    message.data = bytes(data[:round(cut * len(data))]) if isinstance(cut, float) else cut
    return message


def spoilt_info(changes: dict) -> CameraInfo:
    """Return the good intrinsics with `info_changes`."""
    message = good_info()
    _set(message, changes, ('width', 'height', 'binning_x', 'binning_y', 'distortion_model', 'd',
                            'k'))
    for place, value in changes.get('places', {}).items():
        message.k[place] = value
    _set(message.roi, changes.get('roi', {}), ('x_offset', 'y_offset', 'width', 'height'))
    return message


def _set(message: object, changes: dict, names: tuple[str, ...]) -> None:
    for name in names:
        if name in changes:
            setattr(message, name, changes[name])
    header = changes.get('header', {})
    if 'stamp' in header:
        message.header.stamp.sec, message.header.stamp.nanosec = header['stamp']
    if 'frame_id' in header:
        message.header.frame_id = header['frame_id']
