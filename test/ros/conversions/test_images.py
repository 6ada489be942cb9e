# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of image messages to pixels and back, with and without cv_bridge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header
from support.encoded_images import encoded, HEIGHT, noise, tolerance, WIDTH

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.encodings import encoding_of
from pose_machine_ros.ros.conversions import images


def message_of(fields: dict[str, Any]) -> Image:
    """Return an image message with the fields from `encoded`."""
    message = Image(**{name: value for name, value in fields.items() if name != 'data'})
    message.data.frombytes(fields['data'])
    return message


@pytest.mark.parametrize('is_bigendian', [False, True], ids=['little', 'big'])
@pytest.mark.parametrize('padding', [0, 6])
@pytest.mark.parametrize('encoding', images.ENCODINGS)
def test_every_encoding_with_and_without_padding(
        encoding: str, padding: int, is_bigendian: bool) -> None:
    fields, expected = encoded(encoding, padding, is_bigendian)
    image = images.image_to_bgr(message_of(fields))
    assert image.shape == (HEIGHT, WIDTH, 3) and image.dtype == np.uint8
    assert np.abs(image.astype(int) - expected).max() <= tolerance(encoding)


def test_bgr_is_not_copied() -> None:
    message = message_of(encoded('bgr8', padding=4)[0])
    image = images.image_to_bgr(message)
    assert np.shares_memory(image, np.frombuffer(message.data, np.uint8))


@pytest.mark.parametrize('fields, complaint', [
    ({'encoding': '16UC1'}, 'depth'), ({'encoding': 'rgb'}, "did you mean 'rgb8'"),
    ({'height': HEIGHT + 1}, 'bytes of data'), ({'width': 0}, 'no pixels')])
def test_bad_images_are_refused_with_the_fix(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        images.image_to_bgr(message_of({**encoded('bgr8')[0], **fields}))


def test_pixels_become_a_message_and_come_back() -> None:
    message = images.bgr_to_image(noise(3), Header(frame_id='eye'))
    assert message.header.frame_id == 'eye' and message.encoding == 'bgr8'
    np.testing.assert_array_equal(images.image_to_bgr(message), noise(3))


def test_a_jpeg_is_nearly_unchanged() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), (40, 90, 200), np.uint8)
    message = images.bgr_to_jpeg(picture, Header())
    got = images.image_to_bgr(message)
    assert got.shape == picture.shape and np.abs(got.astype(int) - picture).max() < 4


def test_the_format_of_a_compressed_image_counts() -> None:
    message = CompressedImage(format='mono16; png compressed ')
    message.data.frombytes(cv2.imencode('.png', noise(1, np.uint16))[1].tobytes())
    expected = np.repeat(noise(1, np.uint16) >> 8, 3, -1)
    np.testing.assert_array_equal(images.image_to_bgr(message), expected)
    message.format = '16UC1; png compressed '
    with pytest.raises(InputError, match='not to depth'):
        images.image_to_bgr(message)


@pytest.mark.parametrize('encoding', [
    e for e in images.ENCODINGS if encoding_of(e).sample_bytes == 1])  # 16 bits it scales
def test_agrees_with_cv_bridge(encoding: str) -> None:
    cv_bridge = pytest.importorskip('cv_bridge', reason='cv_bridge is not installed')
    message = message_of(encoded(encoding)[0])
    try:
        theirs = cv_bridge.CvBridge().imgmsg_to_cv2(message, desired_encoding='bgr8')
    except Exception as error:  # builds fail in many ways
        pytest.skip(f'this cv_bridge does not convert {encoding}: {error!r}')
    assert (images.convert(message) == theirs).all()


class Bridge:
    """A stub of cv_bridge that converts with `answer`, and counts the calls."""

    def __init__(self, answer: Callable[[Image], Any]) -> None:
        self.answer, self.count = answer, 0

    def __call__(self, message: Image) -> Any:
        self.count += 1
        return self.answer(message)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable], Bridge]]:
    """Install a stub of cv_bridge, which is checked like the real one."""
    def put(answer: Callable[[Image], Any]) -> Bridge:
        bridge = Bridge(answer)
        monkeypatch.setattr(images, '_cv_bridge_convert', lambda: bridge)
        images.cv_bridge_layouts.cache_clear()
        return bridge

    yield put
    images.cv_bridge_layouts.cache_clear()


def test_a_cv_bridge_that_errs_is_not_used(install: Callable[[Callable], Bridge]) -> None:
    install(lambda message: images.convert(message)[..., ::-1])  # swaps red and blue
    assert {encoding for encoding, _, _ in images.cv_bridge_layouts()} == {
        'mono8', '8UC1', 'mono16'}


def test_a_cv_bridge_that_works_is_used(install: Callable[[Callable], Bridge]) -> None:
    bridge = install(images.convert)
    message = message_of(encoded('rgb8')[0])
    images.image_to_bgr(message)
    before = bridge.count
    images.image_to_bgr(message)
    assert bridge.count == before + 1


def test_a_cv_bridge_that_fails_on_a_flag_is_not_used_for_it(
        install: Callable[[Callable], Bridge]) -> None:
    def convert(message: Image) -> np.ndarray:
        if message.is_bigendian:
            raise AttributeError('newbyteorder was removed')
        return images.convert(message)

    bridge = install(convert)
    fields, expected = encoded('bgr8', is_bigendian=True)
    np.testing.assert_array_equal(images.image_to_bgr(message_of(fields)), expected)
    before = bridge.count
    images.image_to_bgr(message_of(fields))
    assert bridge.count == before
    assert ('bgr8', False, 0) in images.cv_bridge_layouts()


@pytest.mark.parametrize('answer', [
    lambda _: None, lambda _: 1 / 0, lambda _: np.zeros((HEIGHT, WIDTH), np.uint8),
    lambda _: np.zeros((HEIGHT, WIDTH, 3), np.float32),
    lambda _: np.zeros((HEIGHT, WIDTH + 1, 3), np.uint8)],
    ids=['nothing', 'raises', 'grey', 'float', 'size'])
def test_a_cv_bridge_that_fails_later_is_not_used_again(
        install: Callable[[Callable], Bridge], answer: Callable[[Image], Any]) -> None:
    bridge = install(images.convert)
    fields, expected = encoded('rgb8')
    message = message_of(fields)
    assert images.cv_bridge_layouts()
    bridge.answer, before = answer, bridge.count
    np.testing.assert_array_equal(images.image_to_bgr(message), expected)
    assert bridge.count == before + 1


def test_a_cv_bridge_that_cannot_be_imported_is_not_used(
        monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError('numpy.core.multiarray failed to import')

    monkeypatch.setattr(images, '_cv_bridge_convert', fail)
    assert images.cv_bridge_layouts.__wrapped__() == frozenset()
