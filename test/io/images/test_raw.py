# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Raw images: every encoding against pixels known by other means, padded rows, and bad input."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.encoded_images import encoded, HEIGHT, tolerance, WIDTH

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images import raw
from pose_machine_ros.io.images.encodings import encoding_of, ENCODINGS

PLANAR = ('nv12', 'nv21', 'nv24', 'i420', 'yuv420', 'yv12')


def pixels_of(fields: dict[str, Any], **changes: object) -> np.ndarray:
    """Return the pixels of an image with `fields`, some of them changed."""
    image = SimpleNamespace(**{**fields, **changes})
    raw.check(image)
    return raw.convert(image)


@pytest.mark.parametrize('is_bigendian', [False, True], ids=['little', 'big'])
@pytest.mark.parametrize('encoding, padding', [
    (encoding, padding) for encoding in ENCODINGS for padding in (0, 5, 6)
    if padding != 5 or encoding_of(encoding).chroma != 'separate'])  # whose rows can't be odd
def test_every_encoding_padded_and_in_both_byte_orders(
        encoding: str, padding: int, is_bigendian: bool) -> None:
    fields, expected = encoded(encoding, padding, is_bigendian)
    pixels = pixels_of(fields)
    assert pixels.shape == (HEIGHT, WIDTH, 3) and pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - expected).max() <= tolerance(encoding)


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_byte_order_is_used_for_16_bits_only(encoding: str) -> None:
    fields, _ = encoded(encoding)
    is_same = (pixels_of(fields, is_bigendian=1) == pixels_of(fields, is_bigendian=0)).all()
    assert is_same == (encoding_of(encoding).sample_bytes == 1)


@pytest.mark.parametrize('encoding', ['bgr8', '8UC3'])
def test_bgr_is_not_copied(encoding: str) -> None:
    fields, _ = encoded(encoding, padding=4)
    assert np.shares_memory(pixels_of(fields), np.frombuffer(fields['data'], np.uint8))


@pytest.mark.parametrize('encoding', ['bgr8', 'mono16', 'nv12', 'i420', 'nv24'])
def test_bytes_after_the_last_row_do_not_matter(encoding: str) -> None:
    fields, _ = encoded(encoding, padding=4)
    more = pixels_of(fields, data=fields['data'] + bytes(10_000))
    assert (more == pixels_of(fields)).all()


@pytest.mark.parametrize('encoding', PLANAR)
def test_a_step_that_divides_all_planes_by_the_height_is_understood(encoding: str) -> None:
    fields, _ = encoded(encoding)
    divided = pixels_of(fields, step=len(fields['data']) // HEIGHT)
    assert (divided == pixels_of(fields)).all()


@pytest.mark.parametrize('encoding', ['bgr8', 'mono8', 'rgb16', 'mono16', 'bgra8'])
@pytest.mark.parametrize('width, height', [(1, 1), (1, 6), (8, 1)])
def test_the_smallest_images(encoding: str, width: int, height: int) -> None:
    fields, expected = encoded(encoding)
    pixels = pixels_of(fields, width=width, height=height)
    assert (pixels == expected[:height, :width]).all()


@pytest.mark.parametrize('width, height', [(7, 5), (3, 3), (8, 5)])
def test_a_bayer_pattern_of_odd_size(width: int, height: int) -> None:
    fields, expected = encoded('bayer_rggb8')
    pixels = pixels_of(fields, width=width, height=height)
    assert (pixels == expected[:height, :width]).all()


@pytest.mark.parametrize('encoding, changes, complaint', [
    ('bgr8', {'height': HEIGHT + 1}, f'{HEIGHT * WIDTH * 3} bytes of.*{(HEIGHT + 1) * WIDTH * 3}'),
    ('bgr8', {'height': 0}, 'no pixels'),
    ('bgr8', {'width': 0}, 'no pixels'),
    ('bgr8', {'step': WIDTH * 3 - 1}, f'need {WIDTH * 3}'),
    ('bgr8', {'step': 0}, f'step = 0 bytes a row.*need {WIDTH * 3}'),
    ('bgr8', {'step': 2**32 - 1}, f'need {HEIGHT * (2**32 - 1)}'),
    ('bgr8', {'width': 2**32 - 1, 'height': 2**32 - 1}, f'need {3 * (2**32 - 1)}'),
    ('bgr8', {'data': b''}, '0 bytes of data'),
    ('rgb16', {'step': WIDTH * 6 - 1}, f'{WIDTH} px of rgb16 need {WIDTH * 6}'),
    ('yuyv', {'width': WIDTH - 1}, 'even width'),
    ('nv12', {'width': WIDTH - 1}, '7 px wide.*even'),
    ('nv12', {'height': HEIGHT - 1}, '5 px high.*even'),
    ('nv24', {'width': WIDTH - 1}, '7 px wide.*even'),
    ('nv12', {'data': bytes(71)}, '71 bytes of data.*need 72.*cut-off'),
    ('i420', {'data': bytes(71)}, '71 bytes of data.*need 72.*cut-off'),
    ('nv24', {'data': bytes(143)}, '143 bytes of data.*need 144.*cut-off'),
    ('nv12', {'height': HEIGHT + 4, 'data': bytes(WIDTH * (HEIGHT + 4))}, 'cut-off'),
    ('nv12', {'step': WIDTH + 2}, 'need 90'),
    ('i420', {'step': WIDTH + 1, 'data': bytes(1000)}, 'step = 9 bytes a row is odd'),
    ('bayer_rggb8', {'width': 2}, 'bayer_rggb8 cannot be 2x6.*neighbours'),
    ('bayer_rggb16', {'height': 1}, 'bayer_rggb16 cannot be 8x1.*neighbours')])
def test_bad_images_are_refused_with_the_fix(
        encoding: str, changes: dict[str, Any], complaint: str) -> None:
    fields, _ = encoded(encoding)
    with pytest.raises(InputError, match=complaint):
        pixels_of(fields, **changes)


@pytest.mark.parametrize('encoding', ['nv12', 'i420'])
def test_a_height_that_counts_the_rows_of_colour_is_refused_with_the_right_one(
        encoding: str) -> None:
    fields, _ = encoded(encoding)
    image = {**fields, 'height': 12, 'data': bytes(12 * WIDTH)}
    with pytest.raises(InputError, match='96 bytes of data.*need 144.*has to be 8$'):
        pixels_of(image)


sizes = st.integers(0, 9) | st.sampled_from([2**31, 2**32 - 1])


@given(encoding=st.sampled_from(ENCODINGS), width=sizes, height=sizes,
       step=st.integers(0, 80) | st.just(2**32 - 1), is_bigendian=st.integers(0, 255),
       size=st.integers(0, 1500))
@settings(max_examples=500, deadline=None)
def test_any_fields_give_pixels_or_one_line_that_says_why_not(
        encoding: str, width: int, height: int, step: int, is_bigendian: int, size: int) -> None:
    image = {'encoding': encoding, 'width': width, 'height': height, 'step': step,
             'is_bigendian': is_bigendian, 'data': bytes(size)}
    try:
        pixels = pixels_of(image)
    except InputError as error:
        assert '\n' not in str(error)
    else:
        assert pixels.shape == (height, width, 3) and pixels.dtype == np.uint8
