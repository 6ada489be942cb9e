# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Raw images to BGR, without a copy if they are 8-bit BGR already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.encodings import Encoding, encoding_of


class RawImage(Protocol):
    """An image with the fields of sensor_msgs/Image."""

    encoding: str
    width: int  # px
    height: int  # px
    step: int  # bytes of a row, with padding
    is_bigendian: int  # byte order of 16-bit samples; ignored for others
    data: Sequence[int]  # a buffer of bytes


def check(image: RawImage) -> Encoding:
    """Check that `convert` can convert an image, and return its encoding.

    Raises InputError for an encoding that is not supported, and for data that does not fit the
    width, height and step.
    """
    encoding = encoding_of(image.encoding)
    name, width, height, step = image.encoding, image.width, image.height, image.step
    if width == 0 or height == 0:
        raise InputError(f'the image is {width}x{height}: it has no pixels; check the driver')
    needed = width * encoding.pixel_bytes
    if step < needed:
        raise InputError(f'step = {step} bytes a row, and {width} px of {name} need {needed}; '
                         'the driver fills in width, step or encoding wrongly')
    for side, size, is_even in zip(('wide', 'high'), (width, height), encoding.even):
        if is_even and size % 2:
            raise InputError(f'an image of {name} cannot be {size} px {side}: two pixels share '
                             'their colour; let the driver publish an even width and height')
    if width < encoding.smallest or height < encoding.smallest:
        raise InputError(f'an image of {name} cannot be {width}x{height}: a pixel takes colours '
                         'from its neighbours; check width and height')
    if encoding.chroma:
        _check_planes(image, encoding)
    elif len(image.data) < height * step:
        raise InputError(
            f'{len(image.data)} bytes of data, and {height} rows of {step} bytes need '
            f'{height * step}; the driver sends cut-off images, or fills in height or step wrongly')
    return encoding


def convert(image: RawImage) -> np.ndarray:
    """Return the pixels of an image that has passed `check`, (H, W, 3) uint8, BGR.

    For bgr8 and 8UC3, this is a view of the data. Of 16-bit samples, the upper 8 bits are used.
    """
    encoding = encoding_of(image.encoding)
    try:
        if encoding.chroma:
            return cv2.cvtColor(_planes(image, encoding), encoding.code)
        return to_bgr(_samples(image, encoding), encoding)
    except cv2.error as error:  # for a size that OpenCV refuses
        raise InputError(f'OpenCV cannot convert {image.width}x{image.height} px of '
                         f'{image.encoding}: {error}') from error


def to_bgr(samples: np.ndarray, encoding: Encoding) -> np.ndarray:
    """Return samples (H, W) or (H, W, C) uint8 of a single plane as (H, W, 3) uint8, BGR."""
    return samples if encoding.code is None else cv2.cvtColor(samples, encoding.code)


def _samples(image: RawImage, encoding: Encoding) -> np.ndarray:
    """Return the samples, (H, W) or (H, W, C) uint8."""
    rows = _rows(image.data, image.height, image.step)[:, :image.width * encoding.pixel_bytes]
    if encoding.sample_bytes == 2:
        rows = np.ascontiguousarray(rows[:, (0 if image.is_bigendian else 1)::2])
    shape = (image.height, image.width, encoding.channels)
    return rows.reshape(shape if encoding.channels > 1 else shape[:2])


def _planes(image: RawImage, encoding: Encoding) -> np.ndarray:
    """Return luma and chroma, uint8, in the layout of OpenCV's conversion."""
    width, height, step = image.width, image.height, _luma_step(image, encoding)
    luma = _rows(image.data, height, step)[:, :width]
    if encoding.chroma_rows == 2:  # OpenCV has no conversion of chroma for each pixel
        chroma = _rows(image.data, height, 2 * step, height * step)[:, :2 * width]
        pairs = np.stack([luma, np.empty_like(luma)], -1)
        pairs[:, 0::2, 1], pairs[:, 1::2, 1] = chroma[:, 0::4], chroma[:, 1::4]
        return pairs
    if encoding.chroma == 'interleaved' or step == width:
        return _rows(image.data, height * 3 // 2, step)[:, :width]
    # Rows of a separate chroma plane are half as long, including padding.
    chroma = _rows(image.data, height, step // 2, height * step)[:, :width // 2]
    return np.concatenate([luma.ravel(), chroma.ravel()]).reshape(height * 3 // 2, width)


def _rows(data: Sequence[int], height: int, step: int, offset: int = 0) -> np.ndarray:
    """Return a view of bytes as (height, step) uint8."""
    return np.frombuffer(data, np.uint8, height * step, offset).reshape(height, step)


def _check_planes(image: RawImage, encoding: Encoding) -> None:
    name, width, height, step = image.encoding, image.width, image.height, image.step
    present, needed = len(image.data), _bytes_of_planes(image, encoding, step)
    if _luma_step(image, encoding) != step:
        return
    if present < needed:
        share = 1 + encoding.chroma_rows
        counts_chroma = present == height * step and height / share == height // share
        fix = ('the driver leaves out the colours, or height counts their rows too and has to be '
               f'{int(height / share)}' if counts_chroma else
               'the driver sends cut-off images, or fills in height or step wrongly')
        raise InputError(
            f'{present} bytes of data, and {width}x{height} px of {name} in rows of {step} bytes, '
            f'with the chroma after them, need {needed}; {fix}')
    if encoding.chroma == 'separate' and step % 2:
        raise InputError(f'step = {step} bytes a row is odd, and a row of colours of {name} takes '
                         'half of it; let the driver pad rows to an even step')


def _luma_step(image: RawImage, encoding: Encoding) -> int:
    """Return the number of bytes from one row of luma to the next.

    That is `step`, except for drivers that set step to the size of all planes divided by the
    height. Their rows are not padded, and the data is too short for such a padding.
    """
    width, height, step = image.width, image.height, image.step
    is_divided = (_bytes_of_planes(image, encoding, width) == height * step == len(image.data)
                  and step > width)
    return width if is_divided else step


def _bytes_of_planes(image: RawImage, encoding: Encoding, step: int) -> int:
    return int(image.height * step * (1 + encoding.chroma_rows))
