# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A thousand malformed messages; after each a good image has to give a result.

The node runs in this process, with its real conversions, checks and networks. Fewer examples go
over DDS in test_malformed_over_dds.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import example, given, settings
import pytest
import rclpy
from ros.faults import malformed
from ros.faults.hand import Hand
from sensor_msgs.msg import CompressedImage, Image

from pose_machine_ros.ros.node import PoseMachineNode


@pytest.fixture(scope='module')
def hand(request: pytest.FixtureRequest) -> Iterator[Hand]:
    """Start a node for the image type in the parameter."""
    transport = {Image: 'raw', CompressedImage: 'compressed'}[request.param]
    rclpy.init(args=['--ros-args', '-p', 'device:=cpu', '-p', f'image.transport:={transport}',
                     '-p', 'keypoints2d.detector_size:=128'])
    node = PoseMachineNode()
    node.configure()
    node.activate()
    made = Hand(node, request.param)
    made.deliver(malformed.good_info())
    yield made
    made.close()
    node.deactivate()
    node.cleanup()
    node.destroy_node()
    rclpy.try_shutdown()


def check(hand: Hand) -> None:
    """Assert that the last message caused no traceback, and that a good image gives a result."""
    errors = list(hand.errors)
    hand.errors.clear()  # so that a failure does not affect the next example
    assert not [error[-300:] for error in errors if 'Traceback' in error]
    hand.ask()
    assert hand.errors == []


@pytest.mark.parametrize('hand', [Image], indirect=True)
@given(changes=malformed.image_changes)
@example(changes={'header': {}, 'is_bigendian': 1})
@settings(max_examples=500)
def test_500_malformed_images(hand: Hand, changes: dict) -> None:
    hand.deliver(malformed.spoilt_image(changes))
    check(hand)


@pytest.mark.parametrize('hand', [Image], indirect=True)
@given(changes=malformed.info_changes)
@example(changes={'header': {}, 'k': [1.0, 0.0, 32.0, 0.0, 1.0, 24.0, 0.0, 0.0, 1.0]})
@example(changes={'header': {}, 'width': 63, 'binning_y': 63})
@settings(max_examples=250)
def test_250_malformed_camera_infos(hand: Hand, changes: dict) -> None:
    hand.deliver(malformed.spoilt_info(changes))
    hand.deliver(malformed.good_image())
    hand.deliver(malformed.good_info())
    check(hand)


@pytest.mark.parametrize('hand', [CompressedImage], indirect=True)
@given(changes=malformed.compressed_changes)
@settings(max_examples=250)
def test_250_malformed_compressed_images(hand: Hand, changes: dict) -> None:
    hand.deliver(malformed.spoilt_compressed(changes))
    check(hand)
