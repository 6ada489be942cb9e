# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""sensor_msgs/Image to BGR pixels and back; no copy where the camera sends BGR already.

cv_bridge does it where a working one is installed. Not every one is: builds against another NumPy
or OpenCV crash, or give wrong colours without a word, and some overlook that rows may be padded. So
it has to agree with the conversion here on a tiny image, layout by layout, before it sees a real
one.
"""

from __future__ import annotations

from collections.abc import Callable
import functools
import io
import math

import cv2
import numpy as np
from PIL import Image as PictureFile
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from pose_machine_ros.errors import InputError

# OpenCV names a Bayer pattern by the pixels one row and one column in, ROS by those in the corner.
_TO_BGR: dict[str, int | None] = {
    'bgr8': None, '8UC3': None,
    'rgb8': cv2.COLOR_RGB2BGR,
    'bgra8': cv2.COLOR_BGRA2BGR, 'rgba8': cv2.COLOR_RGBA2BGR,
    'mono8': cv2.COLOR_GRAY2BGR, '8UC1': cv2.COLOR_GRAY2BGR,
    'yuv422': cv2.COLOR_YUV2BGR_UYVY, 'uyvy': cv2.COLOR_YUV2BGR_UYVY,
    'yuv422_yuy2': cv2.COLOR_YUV2BGR_YUY2, 'yuyv': cv2.COLOR_YUV2BGR_YUY2,
    'bayer_rggb8': cv2.COLOR_BayerBG2BGR, 'bayer_bggr8': cv2.COLOR_BayerRG2BGR,
    'bayer_gbrg8': cv2.COLOR_BayerGR2BGR, 'bayer_grbg8': cv2.COLOR_BayerGB2BGR,
}
ENCODINGS = tuple(_TO_BGR)
_MAX_PIXELS = 2**25  # of a compressed image: an 8K picture has hardly fewer
_YUV = ('yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv')
_CHANNELS = {'bgr8': 3, '8UC3': 3, 'rgb8': 3, 'bgra8': 4, 'rgba8': 4, **dict.fromkeys(_YUV, 2)}


def image_to_bgr(message: Image | CompressedImage) -> np.ndarray:
    """Return the pixels of `message`, (H, W, 3) uint8, BGR.

    A view into the message's bytes for bgr8 and 8UC3. Rows may be padded. Raises InputError for an
    encoding not in ENCODINGS and for bytes that don't fit the size that the message claims.
    """
    if isinstance(message, CompressedImage):
        return compressed_to_bgr(message)
    _check(message)
    if _layout(message) in cv_bridge_layouts():
        return _cv_bridge_convert()(message)
    return convert(message)


def bgr_to_image(pixels: np.ndarray, header: Header) -> Image:
    """Return (H, W, 3) uint8 BGR as a message of bgr8."""
    height, width = pixels.shape[:2]
    message = Image(header=header, height=height, width=width, encoding='bgr8', step=3 * width)
    message.data.frombytes(np.ascontiguousarray(pixels))
    return message


def bgr_to_jpeg(pixels: np.ndarray, header: Header, quality: int = 90) -> CompressedImage:
    """Return (H, W, 3) uint8 BGR as a JPEG, the way image_transport publishes it."""
    _, jpeg = cv2.imencode('.jpg', pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    message = CompressedImage(header=header, format='bgr8; jpeg compressed bgr8')
    message.data.frombytes(np.ascontiguousarray(jpeg))
    return message


def compressed_to_bgr(message: CompressedImage) -> np.ndarray:
    """Return the pixels of a JPEG or PNG, (H, W, 3) uint8, BGR.

    Raises InputError for bytes that are no such picture, for 16-bit ones, which are depth, and for
    more than 2^25 pixels, which few bytes can claim.
    """
    data = np.frombuffer(message.data, np.uint8)
    claimed = _pixels_claimed(data)
    if claimed > _MAX_PIXELS:
        raise InputError(f'{data.size} bytes claim to be a picture of more than {_MAX_PIXELS} '
                         'pixels; let the driver publish smaller images')
    pixels = None
    if claimed:
        try:
            pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
        except cv2.error:  # of a width or height that OpenCV doesn't take
            pass
    if pixels is None:
        raise InputError(f'{data.size} bytes of format {message.format!r} are no picture that '
                         'OpenCV can decode; let the driver publish JPEG or PNG')
    if pixels.dtype != np.uint8:
        raise InputError(f'a compressed image of {pixels.dtype} is no picture a person shows in: '
                         'subscribe to the colour camera, not to depth')
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR) if pixels.shape[2] == 4 else pixels


def _pixels_claimed(data: np.ndarray) -> float:
    """Return how many pixels the head of a JPEG or PNG promises; 0 where there is no such head."""
    try:
        width, height = PictureFile.open(io.BytesIO(data), formats=('JPEG', 'PNG')).size
    except PictureFile.DecompressionBombError:
        return math.inf
    except (OSError, SyntaxError, ValueError):
        return 0
    return width * height


def convert(message: Image) -> np.ndarray:
    """Return the pixels of a message that has been checked, by our own code."""
    channels = _CHANNELS.get(message.encoding, 1)
    rows = np.frombuffer(message.data, np.uint8, message.height * message.step)
    pixels = rows.reshape(message.height, message.step)[:, :message.width * channels]
    if channels > 1:
        pixels = pixels.reshape(message.height, message.width, channels)
    code = _TO_BGR[message.encoding]
    return pixels if code is None else cv2.cvtColor(pixels, code)


@functools.cache
def cv_bridge_layouts() -> frozenset[tuple[str, bool]]:
    """Return the (encoding, rows are padded) that an installed cv_bridge converts as we do."""
    try:
        bridge = _cv_bridge_convert()
    except Exception:  # a broken build fails in many ways, and each is a reason to do without
        return frozenset()
    tiny = [_tiny_image(encoding, padding) for encoding in ENCODINGS for padding in (0, 2)]
    return frozenset(_layout(message) for message in tiny if _agrees(bridge, message))


@functools.cache
def _cv_bridge_convert() -> Callable[[Image], np.ndarray]:
    from cv_bridge import CvBridge
    return functools.partial(CvBridge().imgmsg_to_cv2, desired_encoding='bgr8')


def _agrees(bridge: Callable[[Image], np.ndarray], message: Image) -> bool:
    try:
        theirs = bridge(message)
    except Exception:  # as above
        return False
    ours = convert(message)
    return theirs.dtype == np.uint8 and theirs.shape == ours.shape and bool((theirs == ours).all())


def _tiny_image(encoding: str, padding: int) -> Image:
    """Return 8 x 6 pixels of noise in rows with `padding` bytes at their end."""
    message = Image(height=6, width=8, encoding=encoding)
    message.step = 8 * _CHANNELS.get(encoding, 1) + padding
    noise = np.random.default_rng(0).integers(0, 256, 6 * message.step, np.uint8)
    message.data.frombytes(noise.tobytes())
    return message


def _layout(message: Image) -> tuple[str, bool]:
    width = message.width * _CHANNELS.get(message.encoding, 1)
    return message.encoding, message.step > width


def _check(message: Image) -> None:
    encoding, width, height, step = (
        message.encoding, message.width, message.height, message.step)
    if encoding not in _TO_BGR:
        deep = any(bits in encoding for bits in ('16', '32', '64'))
        hint = ('16 bit and float images are no pictures a person shows in: subscribe to the '
                'colour camera, not to depth, or ' if deep else '')
        raise InputError(f'encoding {encoding!r} is not supported; {hint}let the driver publish '
                         f'one of {", ".join(ENCODINGS)}')
    if width == 0 or height == 0:
        raise InputError(f'the image is {width}x{height}: it has no pixels; check the driver')
    needed = width * _CHANNELS.get(encoding, 1)
    if step < needed:
        raise InputError(f'step = {step} bytes a row, and {width} px of {encoding} need {needed}; '
                         'the driver fills in width, step or encoding wrongly')
    if len(message.data) < height * step:
        raise InputError(
            f'{len(message.data)} bytes of data, and {height} rows of {step} bytes need '
            f'{height * step}; the driver sends cut-off images, or fills in height or step wrongly')
    if encoding in _YUV and width % 2:
        raise InputError(f'an image of {encoding} can not be {width} px wide: two pixels share '
                         'their colour; let the driver publish an even width')
