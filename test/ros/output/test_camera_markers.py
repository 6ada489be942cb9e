# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cameras that were fused are shown with rays to the people they see."""

from __future__ import annotations

from geometry_msgs.msg import Pose
import numpy as np
import pytest
from support.people import header, skeleton
from visualization_msgs.msg import Marker

from pose_machine_msgs.msg import CameraView
from pose_machine_ros.io.message_cameras import cameras_of, MessageCamera
from pose_machine_ros.pose import Space
from pose_machine_ros.ros.output.markers import MarkerConfig, MarkerWriter


def camera(frame: str, x: float) -> MessageCamera:
    view = CameraView(header=header(1.0, frame), pose=Pose(), width=640, height=480)
    view.pose.position.x = x
    result, = cameras_of([view])
    return result


UP = np.array((0.0, 0.0, 1.0))
CAMERAS = [camera('left', -1.0), camera('right', 2.0)]


def markers(writer: MarkerWriter, people, cameras=CAMERAS, seen_by=((0,), (0, 1))) -> dict:
    array = writer.write(people, header(), UP, cameras, seen_by)
    return {(m.ns, m.id): m for m in array.markers if m.ns in ('cameras', 'rays')}


def people():
    return [skeleton(name, space=Space.WORLD_METRIC) for name in ('p1', 'p2')]


def test_each_camera_has_a_frustum_that_starts_at_its_position() -> None:
    shown = [m for (ns, _), m in markers(MarkerWriter(), people()).items() if ns == 'cameras']
    assert len(shown) == 2 and all(m.type == Marker.LINE_LIST for m in shown)
    starts = [(m.points[0].x, m.points[0].y, m.points[0].z) for m in shown]
    assert starts == [(-1.0, 0, 0), (2.0, 0, 0)]
    corners = np.array([(p.x, p.y, p.z) for p in shown[0].points])
    assert corners[:, 2].max() == pytest.approx(0.3)  # forward
    assert np.ptp(corners[:, 0]) == pytest.approx(np.ptp(corners[:, 1]) * 640 / 480)


def test_rays_lead_from_the_cameras_that_see_a_person_to_the_joints() -> None:
    first, second = (m for (ns, _), m in markers(MarkerWriter(), people()).items() if ns == 'rays')
    assert {p.x for p in first.points[::2]} == {-1.0}
    assert {p.x for p in second.points[::2]} == {-1.0, 2.0}
    joints = people()[0].xyz
    for point in first.points[1::2]:
        assert np.abs(joints - (point.x, point.y, point.z)).max(-1).min() < 1e-6
    assert len(first.points) == 2 * 13 and first.color.a < 0.5


def test_markers_of_cameras_and_people_who_are_gone_are_deleted() -> None:
    writer = MarkerWriter()
    before = markers(writer, people())
    after = markers(writer, people()[:1], CAMERAS[:1], [[0]])
    gone = {key for key, m in after.items() if m.action == Marker.DELETE}
    assert len(gone) == 2 and gone <= before.keys()
    assert len(after) == 4 and after.keys() == before.keys()
    cleared = {(m.ns, m.id) for m in writer.clear(header()).markers if m.ns in ('cameras', 'rays')}
    assert cleared == before.keys() - gone


def test_a_person_nobody_sees_has_no_rays() -> None:
    shown = markers(MarkerWriter(), people()[:1], seen_by=[[]])
    assert {ns for ns, _ in shown} == {'cameras'}


def test_one_camera_is_not_shown() -> None:
    assert not markers(MarkerWriter(), people(), (), ())


def test_lines_are_thinner_than_bones() -> None:
    shown = markers(MarkerWriter(MarkerConfig(thickness=0.1)), people())
    assert all(0 < m.scale.x < 0.05 for m in shown.values())


def test_the_name_is_above_the_head_in_the_world() -> None:
    array = MarkerWriter().write(people()[:1], header(), UP, CAMERAS, [[0]])
    name, = (m for m in array.markers if m.ns == 'id')
    assert name.pose.position.z > people()[0].xyz[:, 2].max()
