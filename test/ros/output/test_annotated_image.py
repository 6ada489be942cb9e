# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The annotated image: people drawn on the received image, if there is a subscriber."""

from __future__ import annotations

import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from support.people import header, result, standing
from support.processes import Listener

from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.ros.conversions.images import image_to_bgr
from pose_machine_ros.ros.output import annotated_image
from pose_machine_ros.ros.output.annotated_image import AnnotatedImageOutput


def test_it_is_drawn_only_for_subscribers(
        listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[np.ndarray] = []

    def draw(*args: object) -> np.ndarray:
        drawn.append(draw_overlay(*args))
        return drawn[-1]

    monkeypatch.setattr(annotated_image, 'draw_overlay', draw)
    output = AnnotatedImageOutput(listener.node)
    frame = result(standing(), seconds=2.0)
    output.publish(frame)
    assert not drawn and not output.has_subscribers

    images: list[Image] = []
    listener.node.create_subscription(
        Image, 'listener/annotated_image', images.append, 1)
    listener.spin_until(lambda: output.has_subscribers)
    output.publish(frame)
    listener.spin_until(lambda: bool(images))
    output.close()
    message, picture = images[0], drawn[0]
    assert len(drawn) == 1
    assert message.header == header(2.0, 'eye') and message.encoding == 'bgr8'
    np.testing.assert_array_equal(image_to_bgr(message), picture)
    assert (picture != frame.image).any()


def test_it_comes_as_jpeg_as_well(listener: Listener) -> None:
    output = AnnotatedImageOutput(listener.node)
    images: list[CompressedImage] = []
    listener.node.create_subscription(
        CompressedImage, 'listener/annotated_image/compressed', images.append, 1)
    listener.spin_until(lambda: output.has_subscribers)
    frame = result(standing(), seconds=2.0)
    output.publish(frame)
    listener.spin_until(lambda: bool(images))
    output.close()
    assert images[0].header == header(2.0, 'eye') and 'jpeg' in images[0].format
    picture = draw_overlay(frame.image, frame.skeletons, frame.camera)
    difference = np.abs(image_to_bgr(images[0]).astype(int) - picture)
    assert difference.mean() < 3
