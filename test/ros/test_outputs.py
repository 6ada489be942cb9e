# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""All outputs together: each counts as a listener, and all tell of the same image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pose_machine_msgs.msg import Skeleton3DArray
from rclpy.node import Node
from ros.clips import CALIBRATION, write_clip
from ros.people import header, result, standing
from ros.processes import Listener, NodeProcess
from sensor_msgs.msg import CompressedImage, Image
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from pose_machine_ros.camera import Camera
from pose_machine_ros.ros.images import image_to_bgr
from pose_machine_ros.ros.outputs import OutputConfig, Outputs
from pose_machine_ros.ros.transforms import TransformConfig

TOPICS = {'/eye/skeletons': Skeleton3DArray, '/eye/markers': MarkerArray, '/tf': TFMessage,
          '/eye/annotated_image': Image, '/eye/annotated_image/compressed': CompressedImage}


@pytest.mark.parametrize('topic', TOPICS)
def test_each_output_has_listeners(listener: Listener, topic: str) -> None:
    node = Node('eye')
    outputs = Outputs(node)
    assert not outputs.has_listeners
    subscription = listener.node.create_subscription(TOPICS[topic], topic, lambda _: None, 1)
    listener.spin_until(lambda: outputs.has_listeners, 20)
    outputs.configure(OutputConfig(transforms=TransformConfig(bodies=False)))
    assert outputs.has_listeners == (topic != '/tf')
    listener.node.destroy_subscription(subscription)
    listener.spin_until(lambda: not outputs.has_listeners, 20)
    outputs.close()
    assert not [p for p in node.publishers if p.topic_name in TOPICS]
    node.destroy_node()


def test_all_tell_of_the_image_and_clear_up(listener: Listener) -> None:
    node = Node('eye')
    outputs = Outputs(node)
    got: dict[str, list] = {topic: [] for topic in TOPICS}
    for topic, kind in TOPICS.items():
        listener.node.create_subscription(kind, topic, got[topic].append, 10)
    listener.spin_until(lambda: all(listener.node.count_publishers(t) for t in TOPICS) and all(
        node.count_subscribers(t) for t in TOPICS), 20)
    outputs.clear()  # nobody was shown yet

    def arrived() -> bool:
        outputs.publish(result(standing(), seconds=next(seconds)))
        return all(got.values())
    seconds = iter(range(1, 1000))
    listener.spin_until(arrived, 20)
    outputs.clear()
    outputs.wait_until_sent()
    last = header(next(seconds) - 1, 'eye')
    listener.spin_until(lambda: last in headers(got['/eye/markers'][-1]), 20)
    for messages in got.values():
        for message in messages:
            for told in headers(message):
                assert told.frame_id == 'eye' and 1 <= told.stamp.sec <= last.stamp.sec
    assert {m.action for m in got['/eye/markers'][-1].markers} == {2}  # DELETE
    outputs.close()
    node.destroy_node()


def headers(message: object) -> list:
    parts = getattr(message, 'markers', None) or getattr(message, 'transforms', None) or [message]
    return [part.header for part in parts]


def test_a_lazy_node_works_for_who_only_looks_at_the_picture_and_tf(
        start: Callable[..., NodeProcess], ros: None, tmp_path: Path) -> None:
    """A listener that subscribes to neither skeletons nor markers."""
    calibration = tmp_path / 'camera.yaml'
    calibration.write_text(CALIBRATION)
    node = start('node', device='cpu', lazy='true', tf__joints='true')
    node.wait_for_line('ready on cpu')
    start('video_camera', file=write_clip(tmp_path / 'clip.avi', 40), calibration=calibration,
          frame_id='eye', loop='true', rate=8.0)
    images: list[Image] = []
    messages: list[TFMessage] = []
    from rclpy.executors import SingleThreadedExecutor
