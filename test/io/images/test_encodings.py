# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Encodings that show no person are refused, each with its own reason and fix."""

from __future__ import annotations

import time

import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.encodings import encoding_of, ENCODINGS


@pytest.mark.parametrize('name, complaint', [
    ('', "'' is not supported: it is empty.*bgr8"),
    ('16UC1', 'depth; subscribe to the colour camera.*mono16'),
    ('32FC1', 'depth and disparity; subscribe to the colour camera'),
    ('64FC1', 'depth and disparity'), ('32FC', 'depth and disparity'),
    ('32FC3', 'floating-point numbers, .* not defined; .*bgr8'),
    ('32SC1', 'signed integers'), ('8SC3', 'signed integers'), ('16SC1', 'signed integers'),
    ('8UC2', 'two channels are not defined; .* yuyv or uyvy'),
    ('16uc1', 'depth; .*mono16'), ('TYPE_16UC1', 'depth; .*mono16'),
    ('32fc1', 'depth and disparity'), ('TYPE_32FC1', 'depth and disparity'),
    ('32FC1; compressedDepth png', 'it is depth; subscribe to the colour camera'),
    ('rgb', "did you mean 'rgb8'"), ('bgr8 ', "did you mean 'bgr8'"),
    ('TYPE_8UC3', "did you mean '8UC3'"), ('yuyv422', r"did you mean 'yuyv'\?"),
    *((name, "did you mean 'mono8'") for name in ('gray8', 'grey8', 'GRAY8', 'y8', 'gray')),
    ('Y16', "did you mean 'mono16'"), ('yuv420p', "did you mean 'yuv420'"),
    ('Mono', "did you mean 'mono8'"), ('bayer_rggb', "did you mean 'bayer_rggb8'"),
    ('jpeg', 'compressed image.*CompressedImage.*image.transport'),
    ('bgr8; jpeg compressed bgr8', 'compressed image.*image.transport'),
    ('h264', 'compressed video.*raw images'),
    ('magic', "'magic' is not supported; let the driver publish one of bgr8")])
def test_an_unsupported_encoding_is_refused_with_its_own_fix(name: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        encoding_of(name)


@pytest.mark.parametrize('name', [
    'nv16', 'nv61', 'NV', 'yuv', 'yuv444', 'yuv422p', 'yuv420sp', 'yvyu', 'vyuy', 'argb8', 'bgrx8',
    'rgb10', 'mono12', 'p010'])
def test_a_layout_that_is_not_supported_is_not_taken_for_one_that_looks_alike(name: str) -> None:
    with pytest.raises(InputError, match=f"'{name}' is not supported; let .* one of bgr8") as error:
        encoding_of(name)
    assert 'did you mean' not in str(error.value)


@pytest.mark.parametrize('name', ENCODINGS)
def test_upper_and_lower_case_are_alike(name: str) -> None:
    for other in (name.upper(), name.lower(), name.capitalize()):
        assert encoding_of(other) == encoding_of(name)


def test_a_name_of_megabytes_costs_neither_time_nor_a_page_of_log() -> None:
    begin = time.process_time()
    with pytest.raises(InputError, match=r"'abab.*\.\.\.' is not supported") as error:
        encoding_of('ab' * 5_000_000)
    assert len(str(error.value)) < 400
    assert time.process_time() - begin < 5  # the nearest name to all of it takes hours
