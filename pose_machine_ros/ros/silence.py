# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Why nothing comes on a topic of the camera, as far as the graph tells."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import qos_check_compatible

from pose_machine_ros.ros.distributions import profile_variable
from pose_machine_ros.ros.following_subscription import FollowingSubscription

_RAW, _COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
_SUFFIX = '/compressed'  # that image_transport gives to the topic of compressed images
_FOR_SILENT_PUBLISHERS = {
    'image': 'Where they are running, the transport loses them: with Fast DDS let '
             f'{profile_variable()} name config/fastdds.xml of this package, for the '
             'camera driver and for this node',
    'camera_info': 'None was sent since this node subscribed, and none is kept for those who come '
                   'later: let the driver publish it with every image, or once with the durability '
                   'transient_local'}


def reason_for_silence(node: Node, name: str, subscription: FollowingSubscription) -> str:
    """Return why `subscription` gets nothing, and the cure.

    `name`, image or camera_info, is what users remap to its topic.
    """
    topic = subscription.topic
    publishers = node.get_publishers_info_by_topic(topic)
    alike = subscription.publishers()
    if not publishers:
        return f'nobody publishes it. {_start_or(node, name, topic)}'
    if not alike:
        carried, expected = publishers[0].topic_type, f'sensor_msgs/msg/{subscription.kind.__name__}'
        return f'it carries {carried}, not {expected}: {_for_type(name, topic, carried, expected)}'
    if not subscription.heard_publishers():
        _, reason = qos_check_compatible(alike[0].qos_profile, subscription.qos)
        reliability = 'set image.reliability to auto or best_effort, and ' if name == 'image' else ''
        return (f'QoS does not match ({reason.strip()}). The cure: {reliability}leave '
                f'qos_overrides.{topic}.subscription.durability out')
    return f'though it has {len(alike)} publisher(s). {_FOR_SILENT_PUBLISHERS[name]}'


def _start_or(node: Node, name: str, topic: str) -> str:
    """Return what to do where nobody publishes: the images may come by the other transport."""
    raw = topic.removesuffix(_SUFFIX)
    other, kind, transport = (raw, _RAW, 'raw') if raw != topic \
        else (topic + _SUFFIX, _COMPRESSED, 'compressed')
    if name == 'image' and any(
            p.topic_type == kind for p in node.get_publishers_info_by_topic(other)):
        return f'There are images on {other}: set image.transport to {transport}'
    return f'Start the camera driver, or remap {name} to its topic'


def _for_type(name: str, topic: str, carried: str, expected: str) -> str:
    """Return what to do where a topic carries another type than expected."""
    if (carried, expected) == (_RAW, _COMPRESSED):
        return f'set image.transport to raw, and remap image to {topic}'
    if (carried, expected) == (_COMPRESSED, _RAW):
        transport = 'set image.transport to compressed, and '
        if topic.endswith(_SUFFIX):
            return f'{transport}remap image to {topic.removesuffix(_SUFFIX)}'
        return f'{transport}remap {topic} to {topic}{_SUFFIX} in the driver'
    return f'remap {name} to a topic of {expected}'
