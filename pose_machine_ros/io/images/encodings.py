# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The encodings of sensor_msgs/Image that are supported, and why others are refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
import re

import cv2

from pose_machine_ros.errors import InputError

_LONGEST = 60  # characters of a name that an error quotes


@dataclass(frozen=True)
class Encoding:
    """How the bytes of an image become BGR."""

    code: int | None  # OpenCV's conversion of 8-bit samples; None where they are BGR already
    channels: int = 1  # samples a pixel; of the first plane where there are several
    sample_bytes: int = 1
    chroma: str = ''  # planes after the luma: '' none, 'interleaved' or 'separate'
    chroma_rows: float = 0.0  # bytes of chroma over bytes of luma
    even: tuple[bool, bool] = (False, False)  # whether width and height have to be even
    smallest: int = 1  # width and height, px

    @property
    def pixel_bytes(self) -> int:
        """Bytes of a pixel in a row; of the first plane where there are several."""
        return self.channels * self.sample_bytes


def _table() -> dict[str, Encoding]:
    colours = {'bgr': Encoding(None, 3), 'rgb': Encoding(cv2.COLOR_RGB2BGR, 3),
               'bgra': Encoding(cv2.COLOR_BGRA2BGR, 4), 'rgba': Encoding(cv2.COLOR_RGBA2BGR, 4),
               'mono': Encoding(cv2.COLOR_GRAY2BGR)}
    # OpenCV names a Bayer pattern by the pixels from (1, 1) on, ROS by those from (0, 0) on.
    # Demosaicing needs neighbours on both sides.
    bayer = {f'bayer_{pattern}': Encoding(code, smallest=3) for pattern, code in (
        ('rggb', cv2.COLOR_BayerBG2BGR), ('bggr', cv2.COLOR_BayerRG2BGR),
        ('gbrg', cv2.COLOR_BayerGR2BGR), ('grbg', cv2.COLOR_BayerGB2BGR))}
    table = {f'{name}{8 * size}': replace(encoding, sample_bytes=size)
             for group in (colours, bayer) for size in (1, 2) for name, encoding in group.items()}
    # These names give only the number of channels; the order is OpenCV's, BGR.
    table |= {'8UC1': table['mono8'], '8UC3': table['bgr8'], '8UC4': table['bgra8'],
              '16UC3': table['bgr16'], '16UC4': table['bgra16']}
    uyvy, yuyv = (Encoding(code, 2, even=(True, False))
                  for code in (cv2.COLOR_YUV2BGR_UYVY, cv2.COLOR_YUV2BGR_YUY2))
    table |= {'yuv422': uyvy, 'uyvy': uyvy, 'yuv422_yuy2': yuyv, 'yuyv': yuyv}
    for name, code, chroma in (
            ('nv12', cv2.COLOR_YUV2BGR_NV12, 'interleaved'),
            ('nv21', cv2.COLOR_YUV2BGR_NV21, 'interleaved'),
            ('i420', cv2.COLOR_YUV2BGR_I420, 'separate'),
            ('yv12', cv2.COLOR_YUV2BGR_YV12, 'separate')):
        table[name] = Encoding(code, chroma=chroma, chroma_rows=0.5, even=(True, True))
    table |= {'yuv420': table['i420'], 'YUV420': table['i420']}
    table['nv24'] = Encoding(cv2.COLOR_YUV2BGR_YUY2, chroma='interleaved', chroma_rows=2.0,
                             even=(True, False))
    return table


ENCODINGS = tuple(_table())
_TABLE = {name.lower(): encoding for name, encoding in _table().items()}
_SUPPORTED = ('bgr8, rgb8, bgra8, rgba8, mono8, bayer_*8, the same with 16 bits, yuyv, uyvy, nv12, '
              'nv21, nv24, yuv420')
_OPENCV_TYPE = re.compile(r'(?:8|16|32|64)([USF])C(\d*)')
_COMPRESSED = frozenset({'jpeg', 'jpg', 'mjpeg', 'mjpg', 'png', 'webp', 'tiff', 'avif'})
VIDEO = frozenset({'h264', 'h265', 'hevc', 'av1', 'vp8', 'vp9'})  # names that drivers use
# Names in FFmpeg, GStreamer and V4L2 of encodings that ROS names differently.
_OTHER_NAMES = {
    'gray': 'mono8', 'grey': 'mono8', 'gray8': 'mono8', 'grey8': 'mono8', 'y8': 'mono8',
    'y800': 'mono8', 'gray16': 'mono16', 'grey16': 'mono16', 'gray16le': 'mono16', 'y16': 'mono16',
    'rgb24': 'rgb8', 'bgr24': 'bgr8', 'yuyv422': 'yuyv', 'yuy2': 'yuyv', 'uyvy422': 'uyvy',
    'yuv420p': 'yuv420', 'iyuv': 'yuv420', 'yu12': 'yuv420'}


def find_encoding(name: str) -> Encoding | None:
    """Return the encoding of this name in upper or lower case; None if it is not supported."""
    return _TABLE.get(name.lower())


def encoding_of(name: str) -> Encoding:
    """Return the encoding of this name in upper or lower case.

    Raises InputError with the fix if it is not supported.
    """
    if (found := find_encoding(name)) is None:
        raise InputError(f'encoding {short_repr(name)} is not supported{_reason(name)}')
    return found


def short_repr(text: str) -> str:
    """Return a text from a message in quotes, cut to fit a line."""
    return repr(text if len(text) <= _LONGEST else f'{text[:_LONGEST]}...')


def _reason(name: str) -> str:
    """Return why `name` is refused and what to do, as the end of an error message."""
    if not name:
        return f': it is empty; let the driver fill in encoding with one of {_SUPPORTED}'
    words = set(re.split(r'\W+', name[:_LONGEST].lower()))
    type_name = name[:_LONGEST].upper().removeprefix('TYPE_')  # as the constants in C++ begin
    if 'compresseddepth' in words:
        return ': it is depth; subscribe to the colour camera'
    if type_name == '16UC1':
        return (': ROS uses it for depth; subscribe to the colour camera. If it is a grey image, '
                'as of a thermal camera, let the driver name it mono16')
    if match := _OPENCV_TYPE.fullmatch(type_name):
        kind, channels = match.groups()
        if kind == 'F' and channels in ('', '1'):
            return ': ROS uses it for depth and disparity; subscribe to the colour camera'
        if type_name == '8UC2':
            return (': its two channels are not defined; let the driver name YUV 4:2:2 '
                    'yuyv or uyvy')
        if find_encoding(type_name):
            return f'{_hint(type_name)}; let the driver leave out the rest of the name'
        numbers = {'F': 'floating-point numbers', 'S': 'signed integers'}.get(kind, 'integers')
        return (f': it holds {numbers}, for which black and white are not defined; let the '
                'publisher convert them to bgr8 or mono8, or subscribe to the colour camera')
    if words & VIDEO:
        return (': it is compressed video on a topic of raw images; let the driver or a decoder '
                'publish raw images, or JPEG as sensor_msgs/CompressedImage with the parameter '
                'image.transport set to compressed')
    if words & _COMPRESSED:
        return (': it is a compressed image on a topic of raw images; let the driver publish it '
                'as sensor_msgs/CompressedImage, and set the parameter image.transport to '
                'compressed')
    return f'{_hint(name)}; let the driver publish one of {_SUPPORTED}'


def _hint(name: str) -> str:
    """Return ' (did you mean ...?)' if only one layout of the bytes can be meant, else nothing.

    Similar names do not help: the layout of nv16 differs from that of nv12.
    """
    plain = _plain(name[:_LONGEST])
    meant = _OTHER_NAMES.get(plain) or next(
        (known for known in ENCODINGS if _plain(known) in (plain, f'{plain}8')), None)
    return f' (did you mean {meant!r}?)' if meant else ''


def _plain(name: str) -> str:
    return re.sub(r'[\W_]', '', name.lower())
