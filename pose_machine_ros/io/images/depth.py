# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Depth from image messages: 16UC1 in millimetres, 32FC1 in metres (REP-118), or compressed."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.encodings import short_repr
from pose_machine_ros.io.images.raw import RawImage

# Some drivers name 16-bit depth mono16.
_TYPES = {'16uc1': np.dtype(np.uint16), 'mono16': np.dtype(np.uint16),
          '32fc1': np.dtype(np.float32)}
_HEADER = struct.Struct('<iff')  # of compressedDepth: format, and the two numbers of inverse depth
_PNG = b'\x89PNG\r\n\x1a\n'
_MAX_PIXELS = 2**25


def read_depth(image: RawImage) -> np.ndarray:
    """Return the depths (H, W) of a raw image, uint16 in mm or float32 in m.

    A view of the data if the byte order is that of this machine. Raises InputError for another
    encoding, and for data that does not fit the width, height and step.
    """
    kind = _TYPES.get(image.encoding.lower())
    if kind is None:
        raise InputError(
            f'depth of encoding {short_repr(image.encoding)} is not supported; it has to be 16UC1 '
            'in millimetres or 32FC1 in metres: remap depth to the topic of the depth images')
    width, height, step = image.width, image.height, image.step
    if width == 0 or height == 0:
        raise InputError(f'the depth image is {width}x{height}: it has no pixels; check the driver')
    if step < width * kind.itemsize or len(image.data) < height * step:
        raise InputError(
            f'{len(image.data)} bytes of data with step = {step} are not {width}x{height} px of '
            f'{image.encoding}; the driver sends cut-off images, or fills in step or encoding '
            'wrongly')
    order = kind.newbyteorder('>' if image.is_bigendian else '<')
    found = np.ndarray((height, width), order, np.frombuffer(image.data, np.uint8),
                       strides=(step, kind.itemsize))
    return found if order.isnative else found.astype(kind)


def decode_depth(data: bytes, description: str) -> np.ndarray:
    """Return the depths (H, W) of an image of image_transport's `compressedDepth`.

    `description` is the `format` of sensor_msgs/CompressedImage. The data is a header of 12 bytes
    and a PNG: of 16UC1 itself, of 32FC1 the inverse depth in whole numbers. Raises InputError for
    other data.
    """
    start = data[:64].find(_PNG)
    size = struct.unpack('>II', data[start + 16:start + 24]) if 0 <= start < len(data) - 24 else ()
    if not size or not 0 < size[0] * size[1] <= _MAX_PIXELS:
        raise InputError(f'{len(data)} bytes of format {short_repr(description)} are not depth as '
                         'compressedDepth has it: let the driver publish PNG, or set '
                         'depth.transport to raw')
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8, offset=start), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise InputError(f'{len(data)} bytes of format {short_repr(description)} are not depth of '
                         '16 bits; check the bandwidth of the camera, or set depth.transport to '
                         'raw')
    if not description.lower().startswith('32fc1') or start != _HEADER.size:
        return pixels
    _, factor, offset = _HEADER.unpack(data[:_HEADER.size])
    with np.errstate(divide='ignore', invalid='ignore'):
        return np.where(pixels > 0, np.float32(factor) / (pixels - np.float32(offset)),
                        np.float32(np.nan)).astype(np.float32)
