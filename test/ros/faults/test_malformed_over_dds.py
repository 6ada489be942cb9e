# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Malformed messages over DDS to a node process; after each a good image has to give a result.

Also bytes that are not a message at all, as from a broken or hostile publisher.
"""

from __future__ import annotations

import struct

from hypothesis import example, given, settings
from hypothesis import strategies as st
import pytest
from rclpy.serialization import serialize_message
from ros.faults import malformed
from ros.faults.bench import Bench

GOOD = bytes(serialize_message(malformed.good_image()))
LENGTH = GOOD.index(struct.pack('<I', malformed.WIDTH * malformed.HEIGHT * 3))  # of the data


@pytest.fixture(autouse=True)
def calibrated(bench: Bench) -> None:
    check(bench)


def check(bench: Bench) -> None:
    """Assert that a good image gives a result."""
    bench.show(malformed.good_image, info=malformed.good_info)


@given(changes=malformed.image_changes)
@example(changes={'header': {}, 'is_bigendian': 1})
@settings(max_examples=40)
def test_malformed_images_over_dds(bench: Bench, changes: dict) -> None:
    bench.images.publish(malformed.spoilt_image(changes))
    check(bench)


@given(changes=malformed.info_changes)
@example(changes={'header': {}, 'k': [1.0, 0.0, 32.0, 0.0, 1.0, 24.0, 0.0, 0.0, 1.0]})
@settings(max_examples=40)
def test_malformed_camera_infos_over_dds(bench: Bench, changes: dict) -> None:
    bench.infos.publish(malformed.spoilt_info(changes))
    bench.images.publish(malformed.good_image())
    check(bench)


@given(data=st.binary(max_size=400) | st.integers(0, len(GOOD)).map(lambda n: GOOD[:n])
       | st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1]).map(
           lambda n: GOOD[:LENGTH] + struct.pack('<I', n) + GOOD[LENGTH + 4:]))
@settings(max_examples=40)
def test_bytes_that_are_no_message(bench: Bench, data: bytes) -> None:
    bench.images.publish(data)  # rclpy publishes bytes unchanged
    bench.infos.publish(data)
    check(bench)
