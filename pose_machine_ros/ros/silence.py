# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Why nothing comes on a topic of the camera, as far as the graph tells."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import qos_check_compatible, QoSCompatibility
from rclpy.subscription import Subscription

from pose_machine_ros.ros.distributions import profile_variable

# By the names that users remap.
_FOR_ANOTHER_TYPE = {'image': 'remap image, or set image.transport',
                     'camera_info': 'remap camera_info'}
_FOR_PUBLISHERS = {
    'image': 'Where they are running, the transport loses them: with Fast DDS let '
             f'{profile_variable()} name config/fastdds.xml of this package, for the '
             'camera driver and for this node',
    'camera_info': 'They send none, or sent it once, before this node was there: of those who keep '
                   'it, it comes with subscription.durability: transient_local in qos_overrides'}


def reason_for_silence(node: Node, name: str, topic: str, subscription: Subscription) -> str:
    """Return why `subscription` of `topic` gets nothing, and the cure.

    `name`, image or camera_info, is what users remap to the topic.
    """
    publishers = node.get_publishers_info_by_topic(topic)
    expected = f'sensor_msgs/msg/{subscription.msg_type.__name__}'
    alike = [p for p in publishers if p.topic_type == expected]
    refused = [reason for fits, reason in (
        qos_check_compatible(p.qos_profile, subscription.qos_profile) for p in alike)
        if fits == QoSCompatibility.ERROR]
    if not publishers:
        return f'nobody publishes it. Start the camera driver, or remap {name} to its topic'
    if not alike:
        return f'it carries {publishers[0].topic_type}, not {expected}: {_FOR_ANOTHER_TYPE[name]}'
    if len(refused) == len(alike):
        return (f'QoS does not match ({refused[0].strip()}). Set image.reliability to auto or '
                f'best_effort, and leave qos_overrides.{topic} out')
    return f'though it has {len(alike)} publisher(s). {_FOR_PUBLISHERS[name]}'
