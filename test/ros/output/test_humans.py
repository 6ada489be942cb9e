# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""REP-155: ids, regions and 2D skeletons of bodies; nothing without hri_msgs.

There is no wheel of hri_msgs, so most of these tests are skipped without a ROS installation.
"""

from __future__ import annotations

import numpy as np
import pytest
from rclpy.node import Node
from support.people import header, result, skeleton
from support.processes import Listener

from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import TrackingState
from pose_machine_ros.ros.conversions import humans as conversions
from pose_machine_ros.ros.output import humans
from pose_machine_ros.ros.output.humans import HumansConfig, HumansOutput
from pose_machine_ros.skeleton import COCO_17

needs_hri_msgs = pytest.mark.skipif(
    humans.IdsList is None, reason='hri_msgs is not installed (ros-<distro>-hri-msgs)')


def topics(node: Node) -> set[str]:
    return {p.topic_name for p in node.publishers if p.topic_name.startswith('/crowd')}


@needs_hri_msgs
def test_keypoints_are_fractions_of_the_image_in_the_messages_own_order() -> None:
    person = skeleton()
    person.keypoints[COCO_17.index('left_ankle')] = np.nan, np.nan, 0
    person.keypoints[COCO_17.index('right_ear'), 0] = 1000  # outside
    message = conversions.skeleton_message(person, header(2.0), 640, 480)
    assert message.header == header(2.0) and len(message.skeleton) == 18
    for name in set(COCO_17.names) - {'left_ankle', 'right_ear'}:
        u, v, score = person.keypoints[COCO_17.index(name)]
        point = message.skeleton[getattr(conversions.Skeleton2D, name.upper())]
        np.testing.assert_allclose(
            (point.x * 640 - 0.5, point.y * 480 - 0.5, point.c), (u, v, score), atol=1e-3)
    neck, *shoulders = (message.skeleton[getattr(conversions.Skeleton2D, n)]
                        for n in ('NECK', 'LEFT_SHOULDER', 'RIGHT_SHOULDER'))
    assert neck.x == pytest.approx(np.mean([p.x for p in shoulders]))
    assert neck.c == min(p.c for p in shoulders)
    unseen = message.skeleton[conversions.Skeleton2D.LEFT_ANKLE]
    assert (unseen.x, unseen.y, unseen.c) == (0, 0, 0)
    assert message.skeleton[conversions.Skeleton2D.RIGHT_EAR].x == 1  # [0, 1] and nothing else


@needs_hri_msgs
def test_the_region_is_the_box_inside_the_image() -> None:
    region = conversions.region_message(skeleton(), header(2.0), 640, 480)  # -5, 10, 700, 300 px
    assert region.header == header(2.0) and region.c == pytest.approx(0.8)
    np.testing.assert_allclose((region.xmin, region.ymin, region.xmax, region.ymax),
                               (0, 10.5 / 480, 1, 300.5 / 480), atol=1e-6)


@needs_hri_msgs
def test_bodies_come_and_go_with_their_topics(listener: Listener) -> None:
    node = listener.node
    output = HumansOutput(node, HumansConfig('/crowd'))
    ids, regions, skeletons = [], [], []
    node.create_subscription(humans.IdsList, '/crowd/tracked', ids.append, 10)
    node.create_subscription(
        humans.NormalizedRegionOfInterest2D, '/crowd/p1/roi', regions.append, 10)
    node.create_subscription(conversions.Skeleton2D, '/crowd/p1/skeleton2d', skeletons.append, 10)
    listener.spin_until(lambda: output.has_subscribers)

    one, two = skeleton('p1'), skeleton('p2')
    output.publish(result(one, seconds=1.0))
    listener.spin_until(  # discovery of new topics takes a moment
        lambda: all(node.count_subscribers(f'/crowd/{t}') and node.count_publishers(f'/crowd/{t}')
                    for t in ('p1/roi', 'p1/skeleton2d')))
    output.publish(result(one, two, seconds=2.0))
    listener.spin_until(
        lambda: [m.header.stamp.sec for m in regions[-1:] + skeletons[-1:]] == [2, 2])
    output.publish(result(skeleton('p1', state=TrackingState.PREDICTED), two, seconds=3.0))
    assert len(topics(node)) == 5
    output.publish(result(skeleton('p1', state=TrackingState.LOST), two, seconds=4.0))
    assert topics(node) == {'/crowd/tracked', '/crowd/p2/roi', '/crowd/p2/skeleton2d'}
    output.clear(header(4.0, 'eye'))
    assert topics(node) == {'/crowd/tracked'}
    listener.spin_until(lambda: len(ids) >= 5)
    assert [(m.header.stamp.sec, list(m.ids)) for m in ids] == [
        (1, ['p1']), (2, ['p1', 'p2']), (3, ['p1', 'p2']), (4, ['p2']), (4, [])]
    # Regions are those of people who are seen, not of predicted ones
    assert {m.header.stamp.sec for m in regions + skeletons} <= {1, 2}
    assert regions[-1].header == header(2.0, 'eye')
    output.publish(result(two, seconds=5.0))
    output.close()
    assert not topics(node)


@needs_hri_msgs
def test_an_empty_topic_switches_them_off(ros: None) -> None:
    node = Node('alone')
    output = HumansOutput(node, HumansConfig(''))
    output.publish(result(skeleton()))
    assert not output.publishers and not output.has_subscribers
    node.destroy_node()


def test_without_hri_msgs_there_is_nothing_and_no_harm(
        ros: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(humans, 'IdsList', None)
    node = Node('alone')
    output = HumansOutput(node, HumansConfig())
    output.publish(result(skeleton()))
    output.clear(header())
    assert not output.publishers and not output.has_subscribers
    node.destroy_node()


@pytest.mark.parametrize('topic', ['/humans/bodies', 'bodies', '~/bodies', ''])
def test_topics_that_can_be_are_taken(topic: str) -> None:
    assert HumansConfig(topic).topic == topic


@pytest.mark.parametrize('topic', ['/humans bodies', '/humans//bodies', '/1st', '/humans/'])
def test_topics_that_cannot_be_are_refused(topic: str) -> None:
    with pytest.raises(InputError, match='humans.topic'):
        HumansConfig(topic)
