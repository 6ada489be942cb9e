# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Malformed messages: good ones with changes in any of their fields.

hypothesis generates the changes, not the messages, so that failing examples are readable.
"""

from __future__ import annotations

import math

import cv2
from hypothesis import strategies as st
import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose_machine_ros.ros.conversions.images import ENCODINGS

WIDTH, HEIGHT = 64, 48
GOOD_SECONDS = 10_000  # stamp of the first good image; later ones have higher stamps
# Encodings of drivers, supported or not: planes, 16 bits, depth, and misspelt ones
_ALL_ENCODINGS = tuple(dict.fromkeys((
    *ENCODINGS, 'nv12', 'nv21', 'nv24', 'i420', 'yuv420', 'mono16', 'rgb16', 'bgr16', 'rgba16',
    'bgra16', 'bayer_rggb16', 'bayer_bggr16', 'bayer_gbrg16', 'bayer_grbg16', '8UC2', '16UC1',
    '16UC3', '32FC1', 'BGR8', 'bgr8 ', '')))
_DISTORTIONS = ('plumb_bob', 'rational_polynomial', 'equidistant', 'fisheye', 'radtan',
                'brown_conrady', 'thin_prism', '')

_PLANES = {**dict.fromkeys(('nv12', 'nv21', 'i420', 'yuv420'), 1.5), 'nv24': 3}  # over the first
_CHANNELS = {'bgra': 4, 'rgba': 4, 'bayer': 1, 'bgr': 3, 'rgb': 3, 'C3': 3, 'C2': 2, 'yuv422': 2,
             'uyvy': 2, 'yuyv': 2}  # by a part of the encoding's name

_uint32 = st.sampled_from([0, 1, 2, 3, WIDTH - 1, WIDTH, WIDTH + 1, HEIGHT - 1, HEIGHT + 1, 2**16,
                           2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)
_small = st.integers(0, 80)  # sizes for which the data may be enough
_text = st.text(max_size=30)
_number = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e300]) | st.floats(-1000, 1000)
# As many as a distortion model has; the last ones may be 0
_coefficients = st.tuples(
    st.sampled_from((0, 4, 5, 8, 12, 14)), st.lists(st.floats(-2, 2), max_size=14)).map(
        lambda drawn: (drawn[1] + [0.0] * 14)[:drawn[0]])
_full_coefficients = st.sampled_from((4, 5, 8, 12, 14)).flatmap(
    lambda count: st.lists(st.floats(-1, 1), min_size=count, max_size=count))


def pixels(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Return noise (height, width, 3) uint8, without people."""
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def good_image() -> Image:
    """Return an image that a node can process, without a stamp."""
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


# A good image with a stamp just before that of a malformed one would be late
_seconds = st.integers(-2**31, 2**31 - 1).filter(
    lambda s: not GOOD_SECONDS - 60 <= s <= GOOD_SECONDS + 3600)
header_changes = st.fixed_dictionaries({}, optional={
    'stamp': st.tuples(_seconds, st.integers(0, 2**32 - 1) | st.integers(0, 10**9 - 1)),
    'frame_id': _text})
_fields = st.fixed_dictionaries({'header': header_changes}, optional={
    'width': _uint32 | _small, 'height': _uint32 | _small, 'step': _uint32 | _small,
    'encoding': st.sampled_from(_ALL_ENCODINGS) | _text,
    'is_bigendian': st.integers(0, 255),
    'data': st.binary(max_size=300) | st.integers(0, WIDTH * HEIGHT * 3)})  # or how much is left
# Images that may be valid: with enough data for their encoding and size, or a few bytes less
_whole = st.fixed_dictionaries({
    'header': header_changes, 'encoding': st.sampled_from(_ALL_ENCODINGS),
    'width': st.integers(1, 80), 'height': st.integers(1, 80), 'padding': st.integers(0, 9),
    'lacking': st.just(0) | st.integers(0, 200), 'is_bigendian': st.integers(0, 255)})
image_changes = _fields | _whole
compressed_changes = st.fixed_dictionaries(
    {'header': header_changes, 'suffix': st.sampled_from(['.jpg', '.png', '.bmp', '.webp'])},
    optional={'format': _text, 'data': st.binary(max_size=300) | st.floats(0, 1),
              'bytes': st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8)})
info_changes = st.fixed_dictionaries({'header': header_changes}, optional={
    'width': _uint32, 'height': _uint32, 'binning_x': _uint32, 'binning_y': _uint32,
    'distortion_model': st.sampled_from(_DISTORTIONS) | _text,
    'd': st.lists(_number, max_size=14) | _coefficients | _full_coefficients,
    'k': st.lists(_number, min_size=9, max_size=9),
    'places': st.dictionaries(st.integers(0, 8), _number, max_size=3),  # in k
    'roi': st.dictionaries(st.sampled_from(('x_offset', 'y_offset', 'width', 'height')), _uint32)})


def spoilt_image(changes: dict) -> Image:
    """Return the good image with `image_changes`."""
    message = good_image()
    _set(message, changes, ('width', 'height', 'step', 'encoding', 'is_bigendian'))
    data = changes.get('data', len(message.data))
    if 'padding' in changes:
        message.step = _row_bytes(message.encoding, message.width) + changes['padding']
        rows = math.ceil(message.height * _PLANES.get(message.encoding, 1))
        data = pixels(message.step, rows)[..., 0].tobytes()
        message.data = data[:max(len(data) - changes['lacking'], 0)]
    elif isinstance(data, int):
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


def _row_bytes(encoding: str, width: int) -> int:
    """Return the bytes of a row of the first plane; one per pixel for unknown encodings."""
    channels = next((count for mark, count in _CHANNELS.items() if mark in encoding), 1)
    return width * channels * (4 if '32' in encoding else 2 if '16' in encoding else 1)


def _set(message: object, changes: dict, names: tuple[str, ...]) -> None:
    for name in names:
        if name in changes:
            setattr(message, name, changes[name])
    header = changes.get('header', {})
    if 'stamp' in header:
        message.header.stamp.sec, message.header.stamp.nanosec = header['stamp']
    if 'frame_id' in header:
        message.header.frame_id = header['frame_id']
