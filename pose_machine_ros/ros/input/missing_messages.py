# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Likely reasons why no messages arrive on a topic of the camera, from the ROS graph."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, qos_check_compatible, ReliabilityPolicy

from pose_machine_ros.ros.input.adaptive_subscription import AdaptiveSubscription, is_latched
from pose_machine_ros.ros.runtime.distributions import profile_variable, TopicEndpointInfo

_RAW, _COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
_SUFFIX = '/compressed'  # of topics with compressed images, by image_transport


def reason_for_missing_messages(node: Node, name: str, subscription: AdaptiveSubscription) -> str:
    """Return why no message arrives at `subscription`, and what to do.

    `name` is the topic name before remapping: image, depth or camera_info.
    """
    topic, expected = subscription.topic, subscription.type_name
    publishers = node.get_publishers_info_by_topic(topic)
    matching_type = subscription.publishers()
    if not publishers:
        return f'nobody publishes it. {_start_or(node, name, subscription)}'
    if not matching_type:
        carried = publishers[0].topic_type
        return f'its type is {carried}, not {expected}: {_for_type(name, topic, carried, expected)}'
    if not subscription.matched_publishers():
        _, reason = qos_check_compatible(matching_type[0].qos_profile, subscription.qos)
        return (f'QoS is not compatible ({reason.strip()}): '
                f'{_for_qos(subscription, matching_type)}')
    advice = (_for_lost_images() if name in ('image', 'depth') else
              _for_missing_camera_info(subscription, matching_type))
    return f'although it has {len(matching_type)} publisher(s). {advice}'


def _start_or(node: Node, name: str, subscription: AdaptiveSubscription) -> str:
    """Return what to do without publishers; the images may use the other transport."""
    topic = subscription.topic
    for kind, other, transport in ((_RAW, topic + _SUFFIX, 'compressed'),
                                   (_COMPRESSED, topic.removesuffix(_SUFFIX), 'raw')):
        if subscription.type_name == kind and node.get_publishers_info_by_topic(other):
            return f'Images are on {other}: set image.transport to {transport}'
    return f'Start the camera driver, or remap {name} to its topic'


def _for_qos(subscription: AdaptiveSubscription, publishers: list[TopicEndpointInfo]) -> str:
    """Return what to do if all publishers offer less than the subscription requests."""
    requested, offered = subscription.qos, [p.qos_profile for p in publishers]
    advice = []
    if requested.reliability == ReliabilityPolicy.RELIABLE and any(
            q.reliability == ReliabilityPolicy.BEST_EFFORT for q in offered):
        advice.append('set image.reliability to auto or best_effort')
    if requested.durability == DurabilityPolicy.TRANSIENT_LOCAL and any(
            q.durability == DurabilityPolicy.VOLATILE for q in offered):
        advice.append(f'remove {subscription.durability_parameter}')
    return ' and '.join(advice)


def _for_lost_images() -> str:
    return ('If the driver is running, the transport loses the images: with Fast DDS, set '
            f'{profile_variable()} to config/fastdds.xml of this package, for the camera driver '
            'and for this node')


def _for_missing_camera_info(
        subscription: AdaptiveSubscription, publishers: list[TopicEndpointInfo]) -> str:
    """Return why a message published earlier does not arrive, and what to do."""
    any_latched = any(is_latched(p.qos_profile) for p in publishers)
    if any_latched and not subscription.accepts_transient_local:
        return ('None was published since this node subscribed, and a latched one does not arrive '
                f'with this durability: remove {subscription.durability_parameter}')
    if any_latched:
        return ('None was published since this node subscribed, and the transient_local publisher '
                'has not published any: look for the reason in the log of the driver')
    override = ('' if subscription.accepts_transient_local else
                f'remove {subscription.durability_parameter}, and ')
    return ('None was published since this node subscribed, and no publisher is latched: '
            f'{override}let the driver publish it with every image, or once with the durability '
            'transient_local and the reliability reliable')


def _for_type(name: str, topic: str, carried: str, expected: str) -> str:
    """Return what to do if a topic has another type than expected."""
    if (carried, expected) == (_RAW, _COMPRESSED):
        return f'set image.transport to raw, and remap image to {topic}'
    if (carried, expected) == (_COMPRESSED, _RAW):
        transport = 'set image.transport to compressed, and '
        if topic.endswith(_SUFFIX):
            return f'{transport}remap image to {topic.removesuffix(_SUFFIX)}'
        return f'{transport}remap {topic} to {topic}{_SUFFIX} in the driver'
    return f'remap {name} to a topic of {expected}'
