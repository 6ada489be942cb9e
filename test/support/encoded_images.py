# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images in every encoding, made from its definition, and their pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

HEIGHT, WIDTH = 6, 8
BAYER_CORNERS = {'rggb': ((2, 1), (1, 0)), 'bggr': ((0, 1), (1, 2)),
                 'gbrg': ((1, 0), (2, 1)), 'grbg': ((1, 2), (0, 1))}  # channel of BGR
ALIASES = {'8UC1': 'mono8', '8UC3': 'bgr8', '8UC4': 'bgra8', '16UC3': 'bgr16', '16UC4': 'bgra16',
           'yuv422': 'uyvy', 'yuv422_yuy2': 'yuyv', 'yuv420': 'i420', 'YUV420': 'i420'}
YUV = ('yuyv', 'uyvy', 'nv12', 'nv21', 'nv24', 'i420', 'yv12')


def noise(channels: int, dtype: type = np.uint8) -> np.ndarray:
    """Return (HEIGHT, WIDTH, channels) of noise."""
    return np.random.default_rng(3).integers(
        0, np.iinfo(dtype).max, (HEIGHT, WIDTH, channels), dtype, endpoint=True)


def flat() -> np.ndarray:
    """Return an image of one colour, for which demosaicing is exact."""
    return np.full((HEIGHT, WIDTH, 3), (40, 90, 200), np.uint8)


def blocks() -> np.ndarray:
    """Return blocks of 2 x 2 px of one colour, for which chroma subsampling is exact."""
    return noise(3)[::2, ::2].repeat(2, 0).repeat(2, 1)


def encoded(encoding: str, padding: int = 0,
            is_bigendian: bool = False) -> tuple[dict[str, Any], np.ndarray]:
    """Return the fields of an image in `encoding`, and its pixels (HEIGHT, WIDTH, 3) uint8 BGR.

    `padding` bytes follow each row of the first plane, and of the others in proportion.
    """
    name = ALIASES.get(encoding, encoding)
    if name in YUV:
        planes, bgr = yuv_planes(name, blocks()), blocks()
    else:
        samples, bgr = _samples(name)
        if name.endswith('16'):
            samples = samples.astype('>u2' if is_bigendian else '<u2').view(np.uint8)
        planes = [samples.reshape(HEIGHT, -1)]
    widest = planes[0].shape[1]
    padded = [np.pad(p, ((0, 0), (0, padding * p.shape[1] // widest)), constant_values=77)
              for p in planes]
    return {'encoding': encoding, 'height': HEIGHT, 'width': WIDTH, 'step': widest + padding,
            'is_bigendian': int(is_bigendian),
            'data': b''.join(p.tobytes() for p in padded)}, bgr


def tolerance(encoding: str) -> int:
    """Return the rounding error of Y, U and V in grey levels; 0 for other encodings."""
    return 3 if ALIASES.get(encoding, encoding) in YUV else 0


def yuv_planes(name: str, bgr: np.ndarray) -> list[np.ndarray]:
    """Encode as defined in ITU-R BT.601, studio range; return the rows of each plane."""
    b, g, r = np.moveaxis(bgr.astype(float), -1, 0)
    y = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255
    u = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255
    v = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255
    y, u, v = (np.round(plane).astype(np.uint8) for plane in (y, u, v))
    height = len(y)
    if name in ('yuyv', 'uyvy'):
        parts = {'y': y[:, 0::2], 'Y': y[:, 1::2], 'u': u[:, 0::2], 'v': v[:, 0::2]}
        order = {'yuyv': 'yuYv', 'uyvy': 'uyvY'}[name]
        return [np.stack([parts[p] for p in order], -1).reshape(height, -1)]
    if name == 'nv24':
        return [y, np.stack([u, v], -1).reshape(height, -1)]
    u, v = u[::2, ::2], v[::2, ::2]
    first, second = (v, u) if name in ('nv21', 'yv12') else (u, v)
    if name in ('i420', 'yv12'):
        return [y, first, second]
    return [y, np.stack([first, second], -1).reshape(height // 2, -1)]


def _samples(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return samples (H, W, C) uint8 or uint16, and their pixels."""
    dtype, shift = (np.uint16, 8) if name.endswith('16') else (np.uint8, 0)
    if name.startswith('bayer'):
        channel = np.tile(np.array(BAYER_CORNERS[name[6:10]]), (HEIGHT // 2, WIDTH // 2))
        mosaic = np.take_along_axis(flat(), channel[..., None], -1).astype(dtype)
        return (mosaic << shift) + noise(1) * (shift > 0), flat()  # the lower bits do not matter
    samples = noise({'mono': 1, 'bgra': 4, 'rgba': 4}.get(name[:4], 3), dtype)
    bgr = (samples >> shift).astype(np.uint8)
    if name.startswith('mono'):
        return samples, bgr.repeat(3, -1)
    return samples, bgr[..., 2::-1] if name.startswith('rgb') else bgr[..., :3]
