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
from pose_machine_ros.io.images.encodings import encoding_of, find_encoding, quoted, VIDEO
from pose_machine_ros.io.images.raw import to_bgr

_MAX_PIXELS = 2**25  # an 8K picture has hardly fewer
_PNG, _JPEG = b'\x89PNG\r\n\x1a\n', b'\xff\xd8\xff'
_END = {_PNG: b'IEND', _JPEG: b'\xff\xd9'}
_STRAY_BYTES = 64  # that some webcams put before a JPEG


def decode(data: bytes, description: str = '') -> np.ndarray:
    """Return the pixels of a JPEG or PNG, (H, W, 3) uint8, BGR, as the camera's sensor has them.

    `description` is the `format` of sensor_msgs/CompressedImage; it names the encoding of the
    raw image, which decides how a grey picture of 16 bits or with a Bayer pattern is read. Of
    samples of 16 bits the upper 8 count. A note that the picture should be turned is ignored.
    Raises InputError for bytes that are no such picture or are cut off, for depth, and for more
    than 2^25 pixels, which few bytes can claim.
    """
    data = _without_stray_bytes(data)
    signature = next((s for s in _END if data.startswith(s)), None)
    pixels = None
    if signature is not None and _END[signature] in data:
        claimed = _pixels_claimed(data)
        if claimed > _MAX_PIXELS:
            raise InputError(f'{len(data)} bytes claim to be a picture of more than {_MAX_PIXELS} '
                             'pixels; let the driver publish smaller images')
        if claimed:
            pixels = _decoded(data)
    if pixels is None:
        raise InputError(f'{len(data)} bytes of format {quoted(description)} are no picture that '
                         f'OpenCV can decode{_reason(description, signature)}')
    return _bgr(pixels, description)


def _without_stray_bytes(data: bytes) -> bytes:
    """Return a JPEG from its first marker on, and anything else as it is."""
    start = data[:_STRAY_BYTES].find(_JPEG)
    return data[start:] if start > 0 and not data.startswith(_PNG) else data


def _pixels_claimed(data: bytes) -> float:
    """Return how many pixels the head of a JPEG or PNG promises; 0 if it can not be read."""
    try:
        width, height = PictureFile.open(io.BytesIO(data), formats=('JPEG', 'PNG')).size
    except (PictureFile.DecompressionBombError, PictureFile.DecompressionBombWarning):
        return math.inf
    except Exception:  # a damaged head makes Pillow fail in any way
        return 0
    return width * height


def _decoded(data: bytes) -> np.ndarray | None:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8),
                            cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:  # of a width or height that OpenCV does not take
        return None


def _bgr(pixels: np.ndarray, description: str) -> np.ndarray:
    """Return decoded pixels, (H, W) or (H, W, 3 or 4), as (H, W, 3) uint8, BGR."""
    name = _raw_encoding(description)
    raw = find_encoding(name)
    is_colour = pixels.ndim == 3  # and depth is not
    if pixels.dtype == np.uint16 and (is_colour or raw is not None and raw.sample_bytes == 2):
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise InputError(
            f'a compressed image of {pixels.dtype} and format {quoted(description)} is no picture '
            'a person shows in: subscribe to the colour camera, not to depth; format has to name '
            'a grey picture of 16 bits, as "mono16; png compressed"')
    if pixels.ndim == 2:
        is_mosaic = name.lower().startswith('bayer_') and raw is not None and min(pixels.shape) > 2
        return to_bgr(pixels, raw if is_mosaic else encoding_of('mono8'))
    return to_bgr(pixels, encoding_of('bgra8' if pixels.shape[2] == 4 else 'bgr8'))


def _raw_encoding(description: str) -> str:
    """Return the encoding that was compressed, of 'rgb8; jpeg compressed bgr8' the last word."""
    given, _, compression = description.partition(';')
    return compression.partition('compressed')[2].strip() or given.strip()


def _reason(description: str, signature: bytes | None) -> str:
    """Return why bytes are no picture and what to do, to be put behind 'can decode'."""
    words = description.lower()
    if 'compresseddepth' in words:
        return ': they are depth; subscribe to the colour camera'
    if any(name in words for name in VIDEO):
        return (': they are a packet of video; let the driver publish JPEG or PNG, or a decoder '
                'raw images')
    if signature is not None:
        return ': they are cut off or damaged; check the cable and the bandwidth of the camera'
    return '; let the driver publish JPEG or PNG'
