# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""JPEG and PNG to BGR, as image_transport's `compressed` and webcams send them."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
from PIL import Image as PictureFile

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.encodings import encoding_of, find_encoding, short_repr, VIDEO
from pose_machine_ros.io.images.raw import to_bgr

_MAX_PIXELS = 2**25  # an 8K image has nearly as many
_PNG, _JPEG = b'\x89PNG\r\n\x1a\n', b'\xff\xd8\xff'
_END = {_PNG: b'IEND', _JPEG: b'\xff\xd9'}
_STRAY_BYTES = 64  # before a JPEG, from some webcams


def decode(data: bytes, description: str = '') -> np.ndarray:
    """Return the pixels of a JPEG or PNG, (H, W, 3) uint8, BGR, in the orientation of the sensor.

    `description` is the `format` of sensor_msgs/CompressedImage. It names the encoding of the raw
    image, which decides how a grey image of 16 bits or with a Bayer pattern is read. Of samples of
    16 bits, the upper 8 bits are used. An orientation in the metadata is ignored. Raises InputError
    for other or truncated data, for depth, and for more than 2^25 pixels, which a few bytes can
    claim.
    """
    data = _without_stray_bytes(data)
    signature = next((s for s in _END if data.startswith(s)), None)
    pixels = None
    if signature is not None and _END[signature] in data:
        claimed = _pixels_claimed(data)
        if claimed > _MAX_PIXELS:
            raise InputError(f'{len(data)} bytes claim to be an image of more than {_MAX_PIXELS} '
                             'pixels; let the driver publish smaller images')
        if claimed:
            pixels = _decoded(data)
    if pixels is None:
        raise InputError(
            f'{len(data)} bytes of format {short_repr(description)} are not an image that OpenCV '
            f'can decode{_reason(description, signature)}')
    return _bgr(pixels, description)


def _without_stray_bytes(data: bytes) -> bytes:
    """Return a JPEG from its first marker on, and anything else as it is."""
    start = data[:_STRAY_BYTES].find(_JPEG)
    return data[start:] if start > 0 and not data.startswith(_PNG) else data


def _pixels_claimed(data: bytes) -> float:
    """Return the number of pixels in the header of a JPEG or PNG; 0 if it cannot be read."""
    try:
        width, height = PictureFile.open(io.BytesIO(data), formats=('JPEG', 'PNG')).size
    except (PictureFile.DecompressionBombError, PictureFile.DecompressionBombWarning):
        return math.inf
    except Exception:  # a damaged header makes Pillow raise many kinds of errors
        return 0
    return width * height


def _decoded(data: bytes) -> np.ndarray | None:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8),
                            cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:  # for a width or height that OpenCV refuses
        return None


def _bgr(pixels: np.ndarray, description: str) -> np.ndarray:
    """Return decoded pixels, (H, W) or (H, W, 3 or 4), as (H, W, 3) uint8, BGR."""
    name = _raw_encoding(description)
    raw = find_encoding(name)
    is_colour = pixels.ndim == 3  # unlike depth
    if pixels.dtype == np.uint16 and (is_colour or raw is not None and raw.sample_bytes == 2):
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise InputError(
            f'a compressed image of {pixels.dtype} and format {short_repr(description)} shows no '
            'person: subscribe to the colour camera, not to depth; for a grey image of 16 bits, '
            'format has to name it, as "mono16; png compressed"')
    if pixels.ndim == 2:
        is_mosaic = name.lower().startswith('bayer_') and raw is not None and min(pixels.shape) > 2
        return to_bgr(pixels, raw if is_mosaic else encoding_of('mono8'))
    return to_bgr(pixels, encoding_of('bgra8' if pixels.shape[2] == 4 else 'bgr8'))


def _raw_encoding(description: str) -> str:
    """Return the encoding that was compressed, for 'rgb8; jpeg compressed bgr8' the last word."""
    given, _, compression = description.partition(';')
    return compression.partition('compressed')[2].strip() or given.strip()


def _reason(description: str, signature: bytes | None) -> str:
    """Return why the data is not an image and what to do, as the end of an error message."""
    words = description.lower()
    if 'compresseddepth' in words:
        return ': they are depth; subscribe to the colour camera'
    if any(name in words for name in VIDEO):
        return (': they are a packet of video; let the driver publish JPEG or PNG, or a decoder '
                'raw images')
    if signature is not None:
        return ': they are cut off or damaged; check the cable and the bandwidth of the camera'
    return '; let the driver publish JPEG or PNG'
