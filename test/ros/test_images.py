# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images: every encoding against pixels known by other means, padded rows, and bad input."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros import images

HEIGHT, WIDTH = 6, 8
BAYER_CORNERS = {'rggb': ((2, 1), (1, 0)), 'bggr': ((0, 1), (1, 2)),
                 'gbrg': ((1, 0), (2, 1)), 'grbg': ((1, 2), (0, 1))}  # channel of BGR
YUV = ('yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv')


def message_of(encoding: str, rows: np.ndarray, width: int, padding: int = 0) -> Image:
    """Return an image of `rows` (H, bytes a row), with `padding` bytes after each."""
    padded = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    message = Image(height=rows.shape[0], width=width, encoding=encoding, step=padded.shape[1])
    message.data.frombytes(np.ascontiguousarray(padded))
    return message


def noise(channels: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)


def flat() -> np.ndarray:
    """One colour for all, so that subsampling and demosaicing lose nothing."""
    return np.full((HEIGHT, WIDTH, 3), (40, 90, 200), np.uint8)


def yuv_rows(bgr: np.ndarray, order: str) -> np.ndarray:
    """Encode by the definition of ITU-R BT.601, studio range."""
    b, g, r = np.moveaxis(bgr.astype(float), -1, 0)
    y = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255
    u = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255
    v = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255
    parts = {'y': y[:, 0::2], 'Y': y[:, 1::2], 'u': u[:, 0::2], 'v': v[:, 0::2]}
    return np.stack([parts[p] for p in order], -1).round().astype(np.uint8).reshape(HEIGHT, -1)


def encoded(encoding: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of an image in `encoding`, and the BGR pixels that they stand for."""
    if encoding in YUV:
        return yuv_rows(flat(), 'uyvY' if encoding in ('yuv422', 'uyvy') else 'yuYv'), flat()
    if encoding.startswith('bayer'):
        corner = np.array(BAYER_CORNERS[encoding[6:10]])
        channel = np.tile(corner, (HEIGHT // 2, WIDTH // 2))
        return np.take_along_axis(flat(), channel[..., None], -1)[..., 0], flat()
    if encoding in ('mono8', '8UC1'):
        grey = noise(1)
        return grey[..., 0], np.repeat(grey, 3, -1)
    pixels = noise(4 if 'a8' in encoding else 3)
    bgr = pixels[..., 2::-1] if encoding.startswith('rgb') else pixels[..., :3]
    return pixels.reshape(HEIGHT, -1), bgr


@pytest.mark.parametrize('padding', [0, 5])
@pytest.mark.parametrize('encoding', images.ENCODINGS)
def test_every_encoding_with_and_without_padding(encoding: str, padding: int) -> None:
    rows, expected = encoded(encoding)
    image = images.image_to_bgr(message_of(encoding, rows, WIDTH, padding))
    assert image.shape == (HEIGHT, WIDTH, 3) and image.dtype == np.uint8
    tolerance = 2 if encoding in YUV else 0
    assert np.abs(image.astype(int) - expected).max() <= tolerance


def test_bgr_is_not_copied() -> None:
    message = message_of('bgr8', noise(3).reshape(HEIGHT, -1), WIDTH, padding=4)
    image = images.convert(message)
    assert np.shares_memory(image, np.frombuffer(message.data, np.uint8))


def test_bytes_after_the_last_row_do_not_matter() -> None:
    rows, expected = encoded('bgr8')
    message = message_of('bgr8', rows, WIDTH)
    message.data.frombytes(b'more')
    assert (images.image_to_bgr(message) == expected).all()


@pytest.mark.parametrize('encoding', images.ENCODINGS)
def test_agrees_with_cv_bridge(encoding: str) -> None:
    cv_bridge = pytest.importorskip('cv_bridge', reason='cv_bridge is not installed')
    message = message_of(encoding, encoded(encoding)[0], WIDTH)
    try:
        theirs = cv_bridge.CvBridge().imgmsg_to_cv2(message, desired_encoding='bgr8')
    except (KeyError, cv_bridge.CvBridgeError) as error:
        pytest.skip(f'this cv_bridge does not convert {encoding}: {error!r}')
    assert (images.convert(message) == theirs).all()


def test_a_cv_bridge_that_errs_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def swaps_red_and_blue(message: Image) -> np.ndarray:
        return images.convert(message)[..., ::-1]

    monkeypatch.setattr(images, '_cv_bridge_convert', lambda: swaps_red_and_blue)
    chosen = images.cv_bridge_layouts.__wrapped__()
    assert chosen == {(e, p) for e in ('mono8', '8UC1') for p in (False, True)}


@pytest.mark.parametrize('change, complaint', [
    ({'encoding': 'nv12'}, "'nv12' is not supported.*bgr8"),
    ({'encoding': ''}, 'not supported'),
    ({'encoding': '16UC1'}, 'depth'),
    ({'encoding': 'mono16'}, '16 bit'),
    ({'encoding': '32FC1'}, 'depth'),
    ({'height': HEIGHT + 1}, f'{HEIGHT * WIDTH * 3} bytes of data.*{(HEIGHT + 1) * WIDTH * 3}'),
    ({'height': 0}, 'no pixels'),
    ({'width': 0}, 'no pixels'),
    ({'step': WIDTH * 3 - 1}, f'need {WIDTH * 3}'),
    ({'encoding': 'yuyv', 'width': WIDTH - 1}, 'even width'),
])
def test_bad_images_are_refused_with_the_fix(change: dict, complaint: str) -> None:
    message = message_of('bgr8', noise(3).reshape(HEIGHT, -1), WIDTH)
    for name, value in change.items():
        setattr(message, name, value)
    with pytest.raises(InputError, match=complaint):
        images.image_to_bgr(message)


def compressed(data: bytes, name: str = 'jpeg') -> CompressedImage:
    message = CompressedImage(format=name)
    message.data.frombytes(data)
    return message


def picture(pixels: np.ndarray, suffix: str = '.png') -> bytes:
    return cv2.imencode(suffix, pixels)[1].tobytes()


@pytest.mark.parametrize('pixels, expected', [
    (noise(3), noise(3)), (noise(1)[..., 0], np.repeat(noise(1), 3, -1)),
    (noise(4), noise(4)[..., :3])])
def test_png_comes_as_it_was(pixels: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(images.image_to_bgr(compressed(picture(pixels), 'png')), expected)


def test_jpeg_comes_nearly_as_it_was() -> None:
    got = images.image_to_bgr(compressed(picture(flat(), '.jpg')))
    assert got.shape == flat().shape and np.abs(got.astype(int) - flat()).max() < 4


@pytest.mark.parametrize('data, complaint', [
    (b'', '0 bytes of format'), (b'rubbish', 'no picture that OpenCV can decode'),
    (picture(flat())[:40], 'no picture'), (picture(flat().astype(np.uint16)), 'not to depth')])
def test_what_is_no_picture_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        images.image_to_bgr(compressed(data))


def promising(width: int, height: int) -> bytes:
    """Return a small PNG whose head promises a size."""
    data = picture(flat())
    head = b'IHDR' + struct.pack('>II', width, height) + data[24:29]
    return data[:12] + head + struct.pack('>I', zlib.crc32(head)) + data[33:]


@pytest.mark.parametrize('size', [(8000, 8000), (60000, 60000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_claims_to_be_huge_is_refused_unread(
        size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'imdecode', lambda *_: pytest.fail('it was read'))
    with pytest.raises(InputError, match='more than 33554432 pixels'):
        images.image_to_bgr(compressed(promising(*size)))


def test_other_formats_are_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'imdecode', lambda *_: pytest.fail('it was read'))
    for suffix in ('.bmp', '.tiff', '.webp'):
        with pytest.raises(InputError, match='JPEG or PNG'):
            images.image_to_bgr(compressed(picture(flat(), suffix)))
