# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The recording of Rerun has several cameras, and the rays to the people they see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import captured
from support.fused_views import exact_view
from support.rrd import read_rrd, Rows

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.evaluation.camera_ring import look_at
from pose_machine_ros.evaluation.fusion_methods import in_world
from pose_machine_ros.evaluation.rigs import CAMERA
from pose_machine_ros.io.message_cameras import MessageCamera
from pose_machine_ros.pose import Skeleton, Space
from pose_machine_ros.rendering.rerun_viewer import open_view
from pose_machine_ros.skeleton import SHARED_JOINTS

START, FRAME = 1_795_533_113_047_111_102, 33_333_333
JOINTS = captured.standing()[:17].astype(float)
POSES = {name: look_at(np.array(place), np.array((0.0, 0, 1))) for name, place in
         (('left/optical', (3.0, 0, 1.5)), ('right/optical', (0.0, 4, 2)))}
CAMERAS = [MessageCamera(name, pose, 1280, 720) for name, pose in POSES.items()]
UP = [[3, 5, 1]]  # x right, y forward, z up


def person(name: str = 'p1') -> Skeleton:
    """Return a person in the world."""
    view = exact_view('left/optical', CAMERAS[0].pose, JOINTS, name=name)
    skeleton = in_world(view, view.skeletons[0])
    return Skeleton(**{**vars(skeleton), 'space': Space.WORLD_METRIC})


@pytest.fixture(scope='module')
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Return a person whom both cameras see, then one, and a third frame of that one alone."""
    path = tmp_path_factory.mktemp('rerun') / 'a.rrd'
    with open_view(path, None, is_live=False) as view:
        view.log_skeletons(START, [person()], CAMERAS, [[0, 1]])
        view.log_skeletons(START + FRAME, [person()], CAMERAS, [[1]])
        view.log_skeletons(START + 2 * FRAME, [], CAMERAS[1:], [])
    return read_rrd(path)


def entity(rows: Rows, branch: str) -> list[str]:
    return sorted({e for e, _ in rows if e.startswith(f'/{branch}/')})


def test_each_camera_is_a_frustum_at_its_pose_and_logged_once(rows: Rows) -> None:
    frusta = [e for e in entity(rows, 'cameras') if not e.endswith('/name')]
    assert len(frusta) == 2
    for path, camera in zip(frusta, CAMERAS):
        strips = rows[path, 'LineStrips3D:strips']
        assert list(strips) == [START]
        lines = np.array(strips[START])
        np.testing.assert_allclose(lines[0, 0], camera.pose.translation, atol=1e-6)
        ahead = camera.pose.inverse().apply(lines.reshape(-1, 3))[:, 2]
        assert ahead.min() > -1e-6 and 0.1 < ahead.max() < 0.6
        assert rows[f'{path}/name', 'Points3D:labels'][START] == [camera.frame]


def test_rays_lead_from_the_cameras_that_see_the_person_to_the_joints(rows: Rows) -> None:
    path, = entity(rows, 'rays')
    both, one = (np.array(rows[path, 'LineStrips3D:strips'][START + i * FRAME]) for i in (0, 1))
    assert len(both) == 2 * len(SHARED_JOINTS) and len(one) == len(SHARED_JOINTS)
    np.testing.assert_allclose(one[:, 0], np.tile(CAMERAS[1].pose.translation, (13, 1)), atol=1e-6)
    np.testing.assert_allclose(one[:, 1], JOINTS[SHARED_JOINTS], atol=1e-5)


def test_who_is_gone_is_cleared(rows: Rows) -> None:
    end = START + 2 * FRAME
    for path in (entity(rows, 'rays')[0], *[e for e in entity(rows, 'cameras')
                                            if not e.endswith('/name')]):
        assert list(rows[path, 'Clear:is_recursive']) == [end]


def test_the_world_has_z_up_and_ids_stand_above_the_head(rows: Rows) -> None:
    assert rows['/', 'ViewCoordinates:xyz'][None] == UP
    label, = rows['/people/p1/id', 'Points3D:positions'][START]
    assert label[2] > JOINTS[:, 2].max()
    assert rows['/people/p1/id', 'Points3D:labels'][START] == ['p1']


def test_people_of_one_camera_in_the_world_are_projected_into_its_image(tmp_path: Path) -> None:
    camera = MessageCamera('left', POSES['left/optical'], 1280, 720)
    with open_view(tmp_path / 'a.rrd', None, is_live=False) as view:
        view.log_camera(START, CAMERA)
        view.log_skeletons(START, [person()], [camera], [[0]])
    rows = read_rrd(tmp_path / 'a.rrd')
    np.testing.assert_allclose(
        np.ravel(rows['/camera', 'Transform3D:translation'][START]), camera.pose.translation)
    ankle = rows['/camera/people/p1/bones', 'LineStrips2D:strips'][START][2][1]  # of the right leg
    expected = exact_view('left', camera.pose, JOINTS).skeletons[0].keypoints[16, :2]
    np.testing.assert_allclose(ankle, expected, atol=0.1)
    assert not entity(rows, 'cameras') and not entity(rows, 'rays')


def test_one_camera_at_the_origin_is_shown_as_before(tmp_path: Path) -> None:
    view_of_one = exact_view('eye', RigidTransform(), JOINTS + (0, 0, 3))
    with open_view(tmp_path / 'a.rrd', None, is_live=False) as view:
        view.log_skeletons(START, view_of_one.skeletons,
                           [MessageCamera('eye', RigidTransform(), 1280, 720)], [[0]])
    rows = read_rrd(tmp_path / 'a.rrd')
    assert rows['/', 'ViewCoordinates:xyz'][None] == [[3, 2, 5]]  # right, down, forward
    assert not entity(rows, 'cameras')
