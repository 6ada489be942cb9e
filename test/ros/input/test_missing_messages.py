# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Each reason for missing messages names a fix; with the fix, messages arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import os
from pathlib import Path
import re

import cv2
import numpy as np
import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from support.processes import NodeProcess
from support.subscriptions import BEST_EFFORT, BEST_EFFORT_LATCHED, LATCHED, RELIABLE, spin_until

from pose_machine_ros.ros.input.missing_messages import reason_for_missing_messages
from pose_machine_ros.ros.input.subscriber import CameraSubscriber, InputConfig


class Scene:
    """A driver, and a subscriber in a node of its own that can be replaced."""

    def __init__(self) -> None:
        self.context = rclpy.Context()  # like that of another process
        self.context.init(args=[])
        self.driver = rclpy.create_node('driver', context=self.context)
        self.node: Node | None = None
        self.publishers: list[Publisher] = []

    def publish(self, kind: type, topic: str, qos: QoSProfile) -> None:
        """Create a publisher."""
        self.publishers.append(self.driver.create_publisher(kind, topic, qos))

    def subscribe(self, remap: dict[str, str] | None = None, durability: str | None = None,
                  topic: str = '/image', **config: object) -> None:
        """Subscribe, in a new node."""
        self.unsubscribe()
        rules = [x for pair in (remap or {}).items() for x in ('-r', ':='.join(pair))]
        overrides = [Parameter(f'qos_overrides.{topic}.subscription.durability',
                               value=durability)] if durability else []
        self.node = rclpy.create_node('eye', cli_args=['--ros-args', *rules] if rules else None,
                                      parameter_overrides=overrides)
        self.camera = CameraSubscriber(self.node, InputConfig(**config))
        self.camera.subscribe()

    def unsubscribe(self) -> None:
        if self.node is not None:
            self.camera.close()
            self.node.destroy_node()
            self.node = None

    def reason(self, name: str, words: str) -> re.Match:
        """Wait until the reason why messages are missing contains `words`."""
        subscription = self.camera._subscriptions[name == 'image']

        def is_it() -> bool:
            self.camera.watch()
            reason = reason_for_missing_messages(self.node, name, subscription)
            self.found = re.search(words, reason)
            return self.found is not None
        spin_until(self.node, is_it)
        return self.found

    def works(self, name: str = 'image', is_sent_again: bool = True) -> None:
        """Wait until a message arrives."""
        before = self.camera.images.counts[0]

        def has_come() -> bool:
            for publisher in self.publishers * is_sent_again:
                publisher.publish(publisher.msg_type())
            self.camera.watch()
            return self.camera.images.counts[0] > before if name == 'image' \
                else self.camera.info is not None
        spin_until(self.node, has_come)

    def close(self) -> None:
        self.unsubscribe()
        self.driver.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def scene(ros: None) -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


@pytest.mark.parametrize('name, kind', [('image', Image), ('camera_info', CameraInfo)])
def test_nobody_publishes(scene: Scene, name: str, kind: type) -> None:
    scene.subscribe()
    scene.reason(name, f'nobody publishes it. Start the camera driver, or remap {name} to its')
    scene.publish(kind, name, RELIABLE)
    scene.works(name)


@pytest.mark.parametrize('name, kind', [('image', Image), ('camera_info', CameraInfo)])
def test_it_is_published_elsewhere(scene: Scene, name: str, kind: type) -> None:
    scene.publish(kind, 'elsewhere', RELIABLE)
    scene.subscribe()
    cure = scene.reason(name, rf'remap ({name}) to its topic')
    scene.subscribe({cure[1]: 'elsewhere'})
    scene.works(name)


@pytest.mark.parametrize('kind, topic, transport', [
    (Image, 'image', 'compressed'), (CompressedImage, 'image/compressed', 'raw')])
def test_images_come_by_the_other_transport(
        scene: Scene, kind: type, topic: str, transport: str) -> None:
    scene.publish(kind, topic, RELIABLE)
    scene.subscribe(transport=transport)
    cure = scene.reason('image', rf'Images are on /{topic}: set image.transport to (\w+)$')
    scene.camera.configure(InputConfig(transport=cure[1]))
    scene.works()


@pytest.mark.parametrize('kind, remapped, transport', [
    (CompressedImage, 'eye/image/compressed', 'raw'), (Image, 'eye/image', 'compressed')])
def test_the_topic_is_of_the_other_transport(
        scene: Scene, kind: type, remapped: str, transport: str) -> None:
    scene.publish(kind, 'eye/image/compressed', RELIABLE)
    scene.subscribe({'image': remapped}, transport=transport)
    cure = scene.reason('image', r'set image.transport to (\w+), and remap (image) to (\S+)$')
    scene.subscribe({cure[2]: cure[3]}, transport=cure[1])
    scene.works()


def test_compressed_images_are_on_a_topic_of_any_name(scene: Scene) -> None:
    scene.publish(CompressedImage, 'jpeg', RELIABLE)
    scene.subscribe({'image': 'jpeg'})
    cure = scene.reason('image', r'transport to (\w+), and remap /jpeg to (\S+) in the driver$')
    scene.driver.destroy_publisher(scene.publishers.pop())
    scene.publish(CompressedImage, cure[2], RELIABLE)
    scene.subscribe({'image': 'jpeg'}, transport=cure[1])
    scene.works()


@pytest.mark.parametrize('name, kind', [('image', Image), ('camera_info', CameraInfo)])
def test_the_topic_is_of_another_type(scene: Scene, name: str, kind: type) -> None:
    scene.publish(Header, name, RELIABLE)
    scene.publish(kind, 'elsewhere', RELIABLE)
    scene.subscribe()
    cure = scene.reason(name, r'its type is std_msgs/msg/Header.*remap (\w+) to a topic of (\S+)$')
    assert cure[2] == f'sensor_msgs/msg/{kind.__name__}'
    scene.subscribe({cure[1]: 'elsewhere'})
    scene.works(name)


def test_images_are_reliable_and_their_publisher_is_not(scene: Scene) -> None:
    scene.publish(Image, 'image', BEST_EFFORT)
    scene.subscribe(reliability='reliable')
    cure = scene.reason('image', r'QoS is not compatible.*: set image.reliability to (\w+) or '
                        r'(\w+)$')
    for reliability in cure.groups():
        scene.camera.configure(InputConfig('reliable'))
        scene.camera.configure(InputConfig(reliability))
        scene.works()


@pytest.mark.parametrize('qos', [BEST_EFFORT, RELIABLE])
@pytest.mark.parametrize('name, kind', [('image', Image), ('camera_info', CameraInfo)])
def test_an_override_asks_for_more_than_is_kept(
        scene: Scene, name: str, kind: type, qos: QoSProfile) -> None:
    scene.publish(kind, name, qos)
    scene.subscribe(durability='transient_local', topic=f'/{name}')
    scene.reason(name, 'QoS is not compatible.*: remove '
                 rf'qos_overrides\./{name}\.subscription\.durability$')
    scene.subscribe()
    scene.works(name)


def test_both_are_asked_for(scene: Scene) -> None:
    scene.publish(Image, 'image', BEST_EFFORT)
    scene.subscribe(durability='transient_local', reliability='reliable')
    cure = scene.reason('image', r'set image.reliability to auto or best_effort and remove '
                        r'(qos_overrides\./image\.subscription\.durability)$')
    assert scene.node.get_parameter(cure[1]).value == 'transient_local'
    scene.subscribe(reliability='best_effort')
    scene.works()


@pytest.mark.parametrize('is_sent_again, before, qos', [
    (True, BEST_EFFORT, BEST_EFFORT), (False, RELIABLE, LATCHED),
    (False, BEST_EFFORT_LATCHED, LATCHED)])
def test_intrinsics_sent_before_without_latching_are_explained(
        scene: Scene, is_sent_again: bool, before: QoSProfile, qos: QoSProfile) -> None:
    scene.publish(CameraInfo, 'camera_info', before)
    scene.publishers[0].publish(CameraInfo())
    scene.subscribe()
    scene.reason('camera_info', '1 publisher.*publish it with every image, or once with the '
                 'durability transient_local and the reliability reliable$')
    if not is_sent_again:
        scene.driver.destroy_publisher(scene.publishers.pop())
        scene.publish(CameraInfo, 'camera_info', qos)
        scene.publishers[0].publish(CameraInfo())
    scene.works('camera_info', is_sent_again)


@pytest.mark.parametrize('durability', ['volatile', 'system_default'])
def test_an_override_asks_for_less_than_is_kept(scene: Scene, durability: str) -> None:
    scene.publish(CameraInfo, 'camera_info', LATCHED)
    scene.publishers[0].publish(CameraInfo())
    scene.subscribe(durability=durability, topic='/camera_info')
    cure = scene.reason('camera_info', r'latched one does not arrive with this durability: '
                        r'remove (\S+)$')
    assert scene.node.get_parameter(cure[1]).value == durability
    scene.subscribe()
    scene.works('camera_info', is_sent_again=False)


def test_an_override_asks_for_less_and_nothing_is_latched(scene: Scene) -> None:
    scene.publish(CameraInfo, 'camera_info', RELIABLE)
    scene.subscribe(durability='volatile', topic='/camera_info')
    scene.reason('camera_info', r'no publisher is latched: remove qos_overrides\./camera_info\.'
                 r'subscription\.durability, and let the driver publish')


def test_the_publisher_that_keeps_intrinsics_has_none(scene: Scene) -> None:
    scene.publish(CameraInfo, 'camera_info', LATCHED)
    scene.subscribe()
    scene.reason('camera_info', 'has not published any: look for the reason in the log of the '
                 'driver')
    scene.works('camera_info')


def test_the_transport_loses_them(scene: Scene, start: Callable[..., NodeProcess],
                                  tmp_path: Path) -> None:
    """Images of 12 MB, too large for the default configuration of Fast DDS."""
    clip = cv2.VideoWriter(
        str(tmp_path / 'clip.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 10, (2000, 2000))
    for _ in range(3):
        clip.write(np.zeros((2000, 2000, 3), np.uint8))
    clip.release()
    start('video_camera', file=tmp_path / 'clip.avi', loop='true')
    scene.subscribe()
    cure = scene.reason('image', r'set (\w+) to (\S+) of this package, for the camera driver and '
                        'for this node$')
    assert Path(os.environ[cure[1]]) == Path(__file__).parents[3] / cure[2]
    scene.works()
