# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""JPEG and PNG of every kind are decoded; other data is refused with the reason."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from PIL import Image as PictureFile
import pytest
from support.encoded_images import encoded, flat, HEIGHT, noise, WIDTH

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.compressed import decode

JPEG_TOLERANCE = 6  # grey levels, of images without detail


def by_opencv(pixels: np.ndarray, suffix: str = '.png', *options: int) -> bytes:
    return cv2.imencode(suffix, pixels, options)[1].tobytes()


def by_pillow(pixels: np.ndarray, kind: str, mode: str = 'RGB', **options: object) -> bytes:
    """Return BGR pixels as an image file of a colour mode of Pillow."""
    file = io.BytesIO()
    picture = PictureFile.fromarray(np.ascontiguousarray(pixels[..., ::-1])).convert(mode)
    picture.save(file, kind, **options)
    return file.getvalue()


def slope() -> np.ndarray:
    """Return (48, 64, 3) that is darker to the right and redder to the bottom."""
    down, right = np.mgrid[:48, :64]
    return np.stack([200 - 2 * right, 150 - right, 100 + 2 * down], -1).astype(np.uint8)


def without_huffman_tables(jpeg: bytes) -> bytes:
    """Return a JPEG as webcams send it, which take the tables for known."""
    kept, place = jpeg[:2], 2
    while jpeg[place + 1] != 0xDA:
        size = 2 + int.from_bytes(jpeg[place + 2:place + 4], 'big')
        kept += jpeg[place:place + size] if jpeg[place + 1] != 0xC4 else b''
        place += size
    return kept + jpeg[place:]


def turned() -> PictureFile.Exif:
    """Return metadata with which an image is shown turned by 90 degrees."""
    note = PictureFile.Exif()
    note[0x0112] = 6
    return note


JPEG = by_opencv(slope(), '.jpg')
KINDS = {
    'jpeg': JPEG,
    'progressive': by_pillow(slope(), 'JPEG', progressive=True),
    'CMYK': by_pillow(slope(), 'JPEG', 'CMYK'),
    'says that it is turned': by_pillow(slope(), 'JPEG', exif=turned()),
    'chroma for two pixels': by_opencv(slope(), '.jpg', cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
                                       cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422),
    'no Huffman tables': without_huffman_tables(JPEG),
    'padding behind': JPEG + bytes(5000),
    'bytes before': b'\0\0' + JPEG,
    'png': by_opencv(slope()),
    'opaque png': by_pillow(slope(), 'PNG', 'RGBA'),
}
GREY_KINDS = {
    'jpeg': by_pillow(slope(), 'JPEG', 'L'),
    'png': by_pillow(slope(), 'PNG', 'L'),
    'with opacity': by_pillow(slope(), 'PNG', 'LA'),
}


@pytest.mark.parametrize('data', KINDS.values(), ids=KINDS)
def test_colours_are_nearly_unchanged(data: bytes) -> None:
    pixels = decode(data, 'jpeg')
    assert pixels.shape == slope().shape and pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - slope()).max() <= JPEG_TOLERANCE


@pytest.mark.parametrize('data', GREY_KINDS.values(), ids=GREY_KINDS)
def test_grey_is_nearly_unchanged(data: bytes) -> None:
    pixels = decode(data, 'mono8; jpeg compressed ')
    grey = slope() @ [0.114, 0.587, 0.299]
    assert pixels.shape == slope().shape
    assert np.abs(pixels - grey[..., None]).max() <= JPEG_TOLERANCE


@pytest.mark.parametrize('bits', [1, 2, 4, 8])
def test_a_palette_becomes_its_colours(bits: int) -> None:
    index = np.random.default_rng(5).integers(0, 2, (HEIGHT, WIDTH), np.uint8)
    palette = np.array([[200, 10, 30], [5, 90, 250]], np.uint8)  # RGB
    picture = PictureFile.fromarray(index, 'P')
    picture.putpalette(palette.tobytes())
    file = io.BytesIO()
    picture.save(file, 'PNG', bits=bits)
    np.testing.assert_array_equal(decode(file.getvalue()), palette[index][..., ::-1])


@pytest.mark.parametrize('pixels, expected', [
    (noise(3), noise(3)), (noise(1)[..., 0], np.repeat(noise(1), 3, -1)),
    (noise(4), noise(4)[..., :3])])
def test_png_is_unchanged(pixels: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(decode(by_opencv(pixels), 'png'), expected)


@pytest.mark.parametrize('description, channels', [
    ('mono16; png compressed ', 1), ('MONO16; png compressed ', 1),
    ('rgb16; png compressed bgr16', 3), ('bgr16', 3), ('png', 3), ('', 3)])
def test_16_bits_with_an_image_encoding_give_their_upper_8(
        description: str, channels: int) -> None:
    pixels = noise(channels, np.uint16)
    expected = np.broadcast_to(pixels >> 8, (HEIGHT, WIDTH, 3))
    np.testing.assert_array_equal(decode(by_opencv(pixels), description), expected)


@pytest.mark.parametrize('encoding', ['bayer_rggb8', 'bayer_gbrg16', 'BAYER_RGGB8'])
def test_a_compressed_bayer_pattern_gets_its_colours(encoding: str) -> None:
    fields, expected = encoded(encoding.lower())
    samples = np.frombuffer(fields['data'], '<u2' if encoding.endswith('16') else np.uint8)
    data = by_opencv(samples.reshape(HEIGHT, WIDTH))
    np.testing.assert_array_equal(decode(data, f'{encoding}; png compressed '), expected)
    grey = decode(data, f'{encoding}; png compressed mono8') if encoding.endswith('8') else None
    assert grey is None or (np.ptp(grey, axis=-1) == 0).all()


DEPTH = by_opencv(np.full((HEIGHT, WIDTH), 1500, np.uint16))


@pytest.mark.parametrize('data, description, complaint', [
    (b'', 'jpeg', '0 bytes of format'),
    (b'rubbish', 'jpeg', 'not an image that OpenCV can decode; let the driver publish JPEG or PNG'),
    (by_opencv(flat())[:40], 'png', 'not an image.*cut off'),
    (by_opencv(slope())[:-12], 'png', 'not an image.*cut off'),
    (JPEG[:len(JPEG) * 6 // 10], 'jpeg', 'not an image.*cut off'),
    (DEPTH, 'png', 'not to depth.*"mono16; png compressed"'),
    (DEPTH, '16UC1; png compressed', 'not to depth'),
    (DEPTH, '16UC1; png compressed mono8', 'not to depth'),
    (struct.pack('<iff', 0, 0, 0) + DEPTH, '16UC1; compressedDepth png', 'they are depth'),
    (b'\0\0\0\1\x67\x42' + bytes(400), 'h264', 'a packet of video'),
    (b'\0\0\0\x20ftypavif' + bytes(300), 'avif', 'JPEG or PNG'),
    (b'rubbish', 'x' * 1000, r"format 'x{60}\.\.\.' are")])
def test_data_that_is_not_an_image_is_refused_with_its_own_fix(
        data: bytes, description: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        decode(data, description)


def promising(width: int, height: int) -> bytes:
    """Return a small PNG whose head promises a size."""
    data = by_opencv(flat())
    head = b'IHDR' + struct.pack('>II', width, height) + data[24:29]
    return data[:12] + head + struct.pack('>I', zlib.crc32(head)) + data[33:]


@pytest.mark.parametrize('size', [(8000, 8000), (60000, 60000), (2**31 - 1, 2**31 - 1)])
def test_an_image_that_claims_to_be_huge_is_refused_before_decoding(
        size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'imdecode', lambda *_: pytest.fail('it was read'))
    with pytest.raises(InputError, match='more than 33554432 pixels'):
        decode(promising(*size))


@pytest.mark.parametrize('error', [struct.error, IndexError, RuntimeError, MemoryError])
def test_every_error_of_pillow_is_an_unreadable_image(
        error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error('damaged')

    monkeypatch.setattr(PictureFile, 'open', fail)
    with pytest.raises(InputError, match='damaged; check the cable'):
        decode(JPEG, 'jpeg')


def test_other_formats_are_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'imdecode', lambda *_: pytest.fail('it was read'))
    for suffix in ('.bmp', '.tiff', '.webp'):
        with pytest.raises(InputError, match='JPEG or PNG'):
            decode(by_opencv(flat(), suffix))


@given(data=st.sampled_from([JPEG, KINDS['progressive'], KINDS['png'], DEPTH]),
       changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=6),
       cut=st.integers(0, 300),
       description=st.sampled_from(['jpeg', 'mono16; png compressed', 'bayer_rggb8; png compressed',
                                    '16UC1; compressedDepth png']))
@settings(max_examples=300, deadline=None)
def test_damaged_images_give_pixels_or_one_line_that_says_why_not(
        data: bytes, changes: list[tuple[int, int]], cut: int, description: str) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(data)] = value
    try:
        pixels = decode(bytes(damaged[:len(data) - cut]), description)
    except InputError as error:
        assert '\n' not in str(error)
    else:
        assert pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
