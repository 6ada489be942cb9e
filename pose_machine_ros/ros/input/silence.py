# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Why nothing comes on a topic of the camera, as far as the graph tells."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, qos_check_compatible, ReliabilityPolicy

from pose_machine_ros.ros.input.following_subscription import FollowingSubscription, keeps
from pose_machine_ros.ros.runtime.distributions import profile_variable, TopicEndpointInfo

_RAW, _COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
_SUFFIX = '/compressed'  # that image_transport gives to the topic of compressed images


def reason_for_silence(node: Node, name: str, subscription: FollowingSubscription) -> str:
    """Return why `subscription` gets nothing, and the cure.

    `name`, image or camera_info, is what users remap to its topic.
    """
    topic, expected = subscription.topic, subscription.type_name
    publishers = node.get_publishers_info_by_topic(topic)
    alike = subscription.publishers()
    if not publishers:
        return f'nobody publishes it. {_start_or(node, name, subscription)}'
    if not alike:
        carried = publishers[0].topic_type
        return f'it carries {carried}, not {expected}: {_for_type(name, topic, carried, expected)}'
    if not subscription.heard_publishers():
        _, reason = qos_check_compatible(alike[0].qos_profile, subscription.qos)
        return f'QoS does not match ({reason.strip()}): {_for_qos(subscription, alike)}'
    cure = _for_lost_images() if name == 'image' else _for_infos_not_kept(subscription, alike)
    return f'though it has {len(alike)} publisher(s). {cure}'


def _start_or(node: Node, name: str, subscription: FollowingSubscription) -> str:
    """Return what to do where nobody publishes: the images may come by the other transport."""
    topic = subscription.topic
    for kind, other, transport in ((_RAW, topic + _SUFFIX, 'compressed'),
                                   (_COMPRESSED, topic.removesuffix(_SUFFIX), 'raw')):
        if subscription.type_name == kind and node.get_publishers_info_by_topic(other):
            return f'Images come on {other}: set image.transport to {transport}'
    return f'Start the camera driver, or remap {name} to its topic'


def _for_qos(subscription: FollowingSubscription, publishers: list[TopicEndpointInfo]) -> str:
    """Return what to do where the QoS of all publishers is less than what is asked for."""
    asked, offered = subscription.qos, [p.qos_profile for p in publishers]
    cures = []
    if asked.reliability == ReliabilityPolicy.RELIABLE and any(
            q.reliability == ReliabilityPolicy.BEST_EFFORT for q in offered):
        cures.append('set image.reliability to auto or best_effort')
    if asked.durability == DurabilityPolicy.TRANSIENT_LOCAL and any(
            q.durability == DurabilityPolicy.VOLATILE for q in offered):
        cures.append(f'leave {subscription.durability_parameter} out')
    return ' and '.join(cures)


def _for_lost_images() -> str:
    return ('Where they are running, the transport loses them: with Fast DDS let '
            f'{profile_variable()} name config/fastdds.xml of this package, for the camera driver '
            'and for this node')


def _for_infos_not_kept(
        subscription: FollowingSubscription, publishers: list[TopicEndpointInfo]) -> str:
    """Return why a message that was sent before does not come, and what to do."""
    are_kept = any(keeps(p.qos_profile) for p in publishers)
    if are_kept and not subscription.takes_kept:
        return ('None was sent since this node subscribed, and one that is kept does not come with '
                f'this durability: leave {subscription.durability_parameter} out')
    if are_kept:
        return ('None was sent since this node subscribed, and the publisher that keeps one for '
                'those who come later has none yet: look in the log of the driver for the reason')
    override = ('' if subscription.takes_kept else
                f'leave {subscription.durability_parameter} out, and ')
    return ('None was sent since this node subscribed, and none is kept for those who come later: '
            f'{override}let the driver publish it with every image, or once with the durability '
            'transient_local and the reliability reliable')


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
