# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import struct
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.images.depth import decode_depth, read_depth


def message(values, encoding, padding=0, is_bigendian=0):
    if is_bigendian:
        values = values.byteswap()
    rows = values.view(np.uint8).reshape(len(values), -1)
    rows = np.pad(rows, ((0, 0), (0, padding)))
    return SimpleNamespace(encoding=encoding, width=values.shape[1], height=len(values),
                           step=rows.shape[1], is_bigendian=is_bigendian, data=rows.tobytes())


MM = np.arange(12, dtype=np.uint16).reshape(3, 4) * 300
METRES = (MM * 1e-3).astype(np.float32)


@pytest.mark.parametrize('padding', [0, 4])
@pytest.mark.parametrize('is_bigendian', [0, 1])
@pytest.mark.parametrize('values, encoding', [(MM, '16UC1'), (MM, 'mono16'), (METRES, '32FC1')])
def test_raw_depth_is_read(values, encoding, padding, is_bigendian):
    found = read_depth(message(values, encoding, padding, is_bigendian))
    np.testing.assert_array_equal(found, values)
    assert found.dtype == values.dtype


@pytest.mark.parametrize('change, text', [
    ({'encoding': 'bgr8'}, "encoding 'bgr8'"), ({'data': b'12'}, '2 bytes of data'),
    ({'step': 3}, 'step = 3'), ({'width': 0}, '0x3')])
def test_what_is_not_depth_is_refused(change, text):
    with pytest.raises(InputError, match=text):
        read_depth(SimpleNamespace(**{**vars(message(MM, '16UC1')), **change}))


def compressed(pixels, factor=0.0, offset=0.0):
    return struct.pack('<iff', 0, factor, offset) + cv2.imencode('.png', pixels)[1].tobytes()


def test_compressed_depth_is_decoded():
    np.testing.assert_array_equal(decode_depth(compressed(MM), '16UC1; compressedDepth png'), MM)
    inverse = np.where(METRES > 0, np.rint(100 / np.maximum(METRES, 0.1) + 5), 0).astype(np.uint16)
    found = decode_depth(compressed(inverse, 100.0, 5.0), '32FC1; compressedDepth')
    assert np.isnan(found[0, 0])
    np.testing.assert_allclose(found.ravel()[1:], METRES.ravel()[1:], rtol=0.05)


@pytest.mark.parametrize('data', [b'', b'\0' * 100, compressed(MM)[:40],
                                  compressed(MM.astype(np.uint8))])
def test_damaged_compressed_depth_is_refused(data):
    with pytest.raises(InputError, match='bytes of format'):
        decode_depth(data, '16UC1; compressedDepth')
