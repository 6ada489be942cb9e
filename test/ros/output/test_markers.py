# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Markers keep their ids while a person is tracked, and are deleted afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from support.people import header, skeleton
from visualization_msgs.msg import Marker, MarkerArray

from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.rendering.style import person_colour
from pose_machine_ros.ros.output.markers import MarkerConfig, MarkerWriter


class Display:
    """The markers that a viewer shows."""

    def __init__(self) -> None:
        self.markers: dict[tuple[str, int], Marker] = {}

    def show(self, array: MarkerArray) -> None:
        for marker in array.markers:
            if marker.action == Marker.DELETE:
                del self.markers[marker.ns, marker.id]
            else:
                self.markers[marker.ns, marker.id] = marker

    @property
    def names(self) -> list[str]:
        return sorted(m.text.split()[0] for m in self.markers.values() if m.text)


def seconds(marker: Marker) -> float:
    return marker.lifetime.sec + marker.lifetime.nanosec * 1e-9


def shown(*frames: list[Skeleton]) -> Display:
    writer, display = MarkerWriter(), Display()
    for i, people in enumerate(frames):
        display.show(writer.write(people, header(1 + i / 30)))
    return display


def test_a_person_has_bones_joints_and_a_name() -> None:
    markers = shown([skeleton()]).markers
    kinds = {ns: m.type for (ns, _), m in markers.items()}
    assert kinds == {'bones': Marker.LINE_LIST, 'joints': Marker.SPHERE_LIST,
                     'id': Marker.TEXT_VIEW_FACING}
    points = {ns: m.points for (ns, _), m in markers.items()}
    assert len(points['bones']) == 2 * 16 and len(points['joints']) == 17
    assert all(m.header == header(1.0) and m.color.a == 1 for m in markers.values())


@pytest.mark.parametrize('up', [(0, -1, 0), (0, 0, 1), (0.6, 0, -0.8)])
def test_the_name_is_above_the_highest_joint(up) -> None:
    person, up = skeleton(), np.array(up)
    markers = MarkerWriter().write([person], header(), up).markers
    place, = (m.pose.position for m in markers if m.text)
    height = np.array((place.x, place.y, place.z)) @ up
    assert height == pytest.approx((person.xyz @ up).max() + 4 * MarkerConfig().thickness, abs=1e-5)


def test_people_who_stay_keep_ids_and_colour_and_people_who_leave_are_deleted() -> None:
    a, b = skeleton('a'), skeleton('b')
    first, later = shown([a, b]), shown([a, b], [b])
    assert first.names == ['a', 'b'] and later.names == ['b']
    number = next(m.id for m in first.markers.values() if m.text.startswith('b '))
    assert {m.id for m in later.markers.values()} == {number}
    assert later.markers['bones', number].color == first.markers['bones', number].color


def test_ids_are_not_given_to_others() -> None:
    display = shown([skeleton('a')], [], [skeleton('b')])
    assert {n for _, n in display.markers} == {1}


def test_a_person_who_is_lost_or_has_no_position_is_deleted() -> None:
    nowhere = skeleton('b', xyz=np.full((17, 3), np.nan, np.float32))
    display = shown([skeleton('a'), skeleton('b')],
                    [skeleton('a', state=TrackingState.LOST), nowhere])
    assert not display.markers


def test_colour_is_that_of_the_id_in_every_image() -> None:
    alone, among = shown([skeleton('p9')]), shown([skeleton('p3'), skeleton('p9')])
    number = next(m.id for m in among.markers.values() if m.text.startswith('p9 '))
    colour = among.markers['bones', number].color
    assert alone.markers['bones', 0].color == colour
    assert among.markers['bones', 1 - number].color != colour
    np.testing.assert_allclose(
        (255 * colour.b, 255 * colour.g, 255 * colour.r), person_colour('p9'), atol=0.01)


def test_clear_deletes_everybody() -> None:
    writer, display = MarkerWriter(), Display()
    display.show(writer.write([skeleton('a'), skeleton('b')], header(1)))
    display.show(writer.clear(header(2)))
    assert not display.markers
    assert not writer.write([], header(3)).markers


def test_joints_without_support_are_not_drawn() -> None:
    person = skeleton()
    person.joint_scores[3] = 0  # right ankle: one joint, one bone
    person.xyz[3] = np.nan
    markers = shown([person]).markers
    assert len(markers['joints', 0].points) == 16 and len(markers['bones', 0].points) == 2 * 15
    for marker in markers.values():
        assert np.isfinite([[p.x, p.y, p.z] for p in marker.points]).all()


def lifetimes(*periods: float) -> list[float]:
    """Return the lifetime after each frame, given the seconds since the previous frame."""
    writer, stamps = MarkerWriter(), 1 + np.cumsum(periods)
    return [seconds(writer.write([skeleton()], header(t)).markers[0]) for t in stamps]


@pytest.mark.parametrize('period, expected', [(0.01, 0.1), (1 / 30, 0.1), (0.2, 0.6)])
def test_lifetime_is_three_frames_of_camera_or_screen(period: float, expected: float) -> None:
    assert lifetimes(*[period] * 50)[-1] == pytest.approx(expected, rel=0.01)


def test_lifetime_follows_a_slower_camera_immediately_and_a_faster_one_soon() -> None:
    before, slow, fast = [1 / 30] * 20, [0.2] * 10, [1 / 30] * 50
    found = lifetimes(*before, *slow, *fast)
    assert min(found[20:30]) > 2 * 0.2  # each lasts over one missing frame
    assert found[-1] == pytest.approx(0.1, rel=0.05)


def test_thickness_is_that_of_the_bones() -> None:
    writer = MarkerWriter(MarkerConfig(thickness=0.1))
    bones, joints, _ = writer.write([skeleton()], header()).markers
    assert bones.scale.x == 0.1 < joints.scale.x
    writer.config = MarkerConfig(thickness=0.02)
    assert writer.write([skeleton()], header(2)).markers[0].scale.x == 0.02


@pytest.mark.parametrize('thickness', [0.0, -1.0, 2.0, float('nan')])
def test_a_thickness_that_cannot_be_drawn_is_refused(thickness: float) -> None:
    with pytest.raises(InputError, match='thickness'):
        MarkerConfig(thickness)


def test_uncertain_joints_are_paler_and_the_text_has_the_error() -> None:
    markers = {ns: m for (ns, _), m in shown([skeleton()]).markers.items()}
    joints, bones = markers['joints'], markers['bones']
    assert len(joints.colors) == len(joints.points) and len(bones.colors) == len(bones.points)
    opacity = [c.a for c in joints.colors]  # their scores rise from 0.2 to 1
    assert opacity == sorted(opacity) and opacity[0] < 0.5 and abs(opacity[-1] - 1) < 1e-6
    assert markers['id'].text == 'person_1  4 px'
    unknown = shown([skeleton(reprojection_px=float('nan'))]).markers
    assert [m.text for m in unknown.values() if m.text] == ['person_1']
