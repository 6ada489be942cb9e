# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of image messages to BGR pixels and back, without a copy for bgr8.

cv_bridge converts other encodings if a working one is installed. Builds against another NumPy or
OpenCV crash or return wrong colours without an error, and some ignore the padding of rows.
Therefore cv_bridge is used only for the layouts for which it agrees with the conversion of this
package on a small image.
"""

from __future__ import annotations

from collections.abc import Callable
import functools

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from pose_machine_ros.io.images import compressed
from pose_machine_ros.io.images.encodings import encoding_of, ENCODINGS
from pose_machine_ros.io.images.raw import check, convert

_Layout = tuple[str, bool, int]  # encoding, whether rows are padded, is_bigendian


def image_to_bgr(message: Image | CompressedImage) -> np.ndarray:
    """Return the pixels of `message`, (H, W, 3) uint8, BGR.

    A view into the bytes of the message for bgr8 and 8UC3. Rows may be padded. Raises InputError
    for an encoding not in ENCODINGS, and if the number of bytes does not match the image size.
    """
    if isinstance(message, CompressedImage):
        return compressed.decode(bytes(message.data), message.format)
    encoding = check(message)
    if encoding.code is None and encoding.sample_bytes == 1:
        return convert(message)  # a view
    pixels = _by_cv_bridge(message) if _layout(message) in cv_bridge_layouts() else None
    return convert(message) if pixels is None else pixels


def bgr_to_image(pixels: np.ndarray, header: Header) -> Image:
    """Return pixels (H, W, 3) uint8, BGR, as an image message with encoding bgr8."""
    height, width = pixels.shape[:2]
    message = Image(header=header, height=height, width=width, encoding='bgr8', step=3 * width)
    message.data.frombytes(np.ascontiguousarray(pixels))
    return message


def bgr_to_jpeg(pixels: np.ndarray, header: Header, quality: int = 90) -> CompressedImage:
    """Return pixels (H, W, 3) uint8, BGR, as JPEG in the format of image_transport."""
    _, jpeg = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    message = CompressedImage(header=header, format='bgr8; jpeg compressed bgr8')
    message.data.frombytes(np.ascontiguousarray(jpeg))
    return message


@functools.cache
def cv_bridge_layouts() -> frozenset[_Layout]:
    """Return the layouts for which cv_bridge agrees with this package; empty without it."""
    try:
        _cv_bridge_convert()
    except Exception:  # a broken build can raise anything
        return frozenset()
    tiny = [_tiny_image(encoding, padding, is_bigendian)
            for encoding in ENCODINGS for padding in (0, 2) for is_bigendian in (0, 1)]
    return frozenset(_layout(message) for message in tiny if _agrees(message))


@functools.cache
def _cv_bridge_convert() -> Callable[[Image], np.ndarray]:
    from cv_bridge import CvBridge
    return functools.partial(CvBridge().imgmsg_to_cv2, desired_encoding='bgr8')


def _by_cv_bridge(message: Image) -> np.ndarray | None:
    """Return the pixels from cv_bridge; None if it fails or returns another shape or type."""
    try:
        pixels = _cv_bridge_convert()(message)
    except Exception:  # as above
        return None
    is_bgr = (isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8
              and pixels.shape == (message.height, message.width, 3))
    return pixels if is_bgr else None


def _agrees(message: Image) -> bool:
    theirs = _by_cv_bridge(message)
    return theirs is not None and np.array_equal(theirs, convert(message))


def _tiny_image(encoding: str, padding: int, is_bigendian: int) -> Image:
    """Return 8 x 6 pixels of noise, with `padding` bytes at the end of each row."""
    known = encoding_of(encoding)
    message = Image(height=6, width=8, encoding=encoding, is_bigendian=is_bigendian)
    message.step = 8 * known.pixel_bytes + padding
    size = round(6 * message.step * (1 + known.chroma_rows))
    message.data.frombytes(np.random.default_rng(0).integers(0, 256, size, np.uint8).tobytes())
    return message


def _layout(message: Image) -> _Layout:
    width = message.width * encoding_of(message.encoding).pixel_bytes
    return message.encoding, message.step > width, message.is_bigendian
