# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The recording of Rerun has what was logged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.observations import standing_pose
from support.rrd import read_rrd, Rows

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.pose import Skeleton, Space, TrackingState
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.rerun_viewer import open_view
from pose_machine_ros.skeleton import HUMAN36M_17

CAMERA = Camera(np.array([[600.0, 0, 320], [0, 610, 240], [0, 0, 1]]), 640, 480,
                np.array([-0.1, 0.02, 0, 0, 0]))
START = 1_795_533_113_047_111_102  # ns; more digits than a double holds
FRAME = 33_333_333  # ns
JPEG = cv2.imencode('.jpg', np.full((480, 640, 3), 90, np.uint8))[1].tobytes()


def person(name: str = 'p1', **changes: object) -> Skeleton:
    """Return a person who faces the camera, with a joint missing and one out of the image."""
    xyz = standing_pose().numpy().astype(np.float32) + np.float32([0.2, 0.1, 4])
    scores = np.linspace(0.3, 1, 17, dtype=np.float32)
    xyz[16], scores[16] = np.nan, 0
    turn = Rotation.from_euler('xyz', (0.3, 0.5, -0.8)).as_matrix()
    spread = np.tile(turn @ np.diag([0.01, 0.04, 0.25]) @ turn.T, (17, 1, 1))
    keypoints = np.tile(np.float32([300, 200, 0.9]), (17, 1))
    keypoints[5:] = (np.nan, np.nan, 0)
    return replace(Skeleton(
        name, TrackingState.TRACKED, Space.CAMERA_METRIC, xyz, spread.astype(np.float32),
        np.zeros_like(xyz), scores, 0.8, keypoints, np.zeros(4, np.float32), 1.0, 0.0), **changes)


def record(path: Path, frames: list[list[Skeleton]]) -> Rows:
    """Log one image and one result a frame; return what the recording holds."""
    with open_view(path, None, is_live=False) as view:
        for i, skeletons in enumerate(frames):
            view.log_camera(START + i * FRAME, CAMERA)
            view.log_image(START + i * FRAME, JPEG)
            view.log_skeletons(START + i * FRAME, skeletons)
    return read_rrd(path)


@pytest.fixture(scope='module')
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """One person in three frames; another one in the second frame only."""
    other = person('p2', space=Space.ROOT_RELATIVE)
    return record(tmp_path_factory.mktemp('rerun') / 'a.rrd', [
        [person()], [person(), other], [person(), replace(other, state=TrackingState.LOST)], []])


def test_stamps_are_exact_and_one_camera_is_logged_once(rows: Rows) -> None:
    assert list(rows['/camera/image', 'EncodedImage:blob']) == \
        [START + i * FRAME for i in range(4)]
    assert list(rows['/camera', 'Pinhole:image_from_camera']) == [START]
    assert list(rows['/people/p2/joints', 'Points3D:positions']) == [START + FRAME]


def test_joints_and_bones_are_where_they_were_measured(rows: Rows) -> None:
    xyz = person().xyz
    found = rows['/people/p1/joints', 'Points3D:positions'][START]
    np.testing.assert_array_equal(found, xyz[:16])
    bones = [list(b) for b in HUMAN36M_17.bones if 16 not in b]
    np.testing.assert_array_equal(
        rows['/people/p1/bones', 'LineStrips3D:strips'][START], xyz[bones])


def test_sides_have_their_colours_and_unsure_bones_are_pale(rows: Rows) -> None:
    bones = [b for b in HUMAN36M_17.bones if 16 not in b]
    colours = [tuple(c.to_bytes(4, 'big')[:3]) for c in
               rows['/people/p1/bones', 'LineStrips3D:colors'][START]]
    scores = person().joint_scores
    for (parent, child), colour in zip(bones, colours, strict=True):
        side = HUMAN36M_17.names[child].partition('_')[0]
        full = {'left': style.LEFT, 'right': style.RIGHT}.get(side, style.MIDDLE)
        assert colour == style.blend(full, min(scores[parent], scores[child]))[::-1]
    assert len(set(colours)) > 3


def test_ellipsoids_are_the_covariance(rows: Rows) -> None:
    turns = Rotation.from_quat(
        rows['/covariance/p1', 'Ellipsoids3D:quaternions'][START]).as_matrix()
    squares = np.square(rows['/covariance/p1', 'Ellipsoids3D:half_sizes'][START])
    covariance = np.einsum('nij,nj,nkj->nik', turns, squares, turns)
    np.testing.assert_allclose(covariance, person().covariance[:16], atol=1e-5)


def test_the_camera_is_a_pinhole_with_y_down(rows: Rows) -> None:
    columns = rows['/camera', 'Pinhole:image_from_camera'][START][0]
    np.testing.assert_allclose(np.reshape(columns, (3, 3)).T, CAMERA.matrix)
    assert rows['/camera', 'Pinhole:resolution'][START] == [[640, 480]]
    right_down_forward = [[3, 2, 5]]
    assert rows['/camera', 'Pinhole:camera_xyz'][START] == right_down_forward
    assert rows['/', 'ViewCoordinates:xyz'][None] == right_down_forward


def test_the_overlay_is_the_keypoints_and_the_bones_as_a_distorting_camera_sees_them(
        rows: Rows) -> None:
    keypoints = rows['/camera/people/p1/keypoints', 'Points2D:positions'][START]
    assert keypoints == [[300, 200]] * 5
    bones = [list(b) for b in HUMAN36M_17.bones if 16 not in b]
    pixels, _ = cv2.projectPoints(person().xyz.astype(float)[:16], np.zeros(3), np.zeros(3),
                                  CAMERA.matrix, CAMERA.distortion[:5])
    np.testing.assert_allclose(rows['/camera/people/p1/bones', 'LineStrips2D:strips'][START],
                               pixels[:, 0][bones], atol=1e-3)


def test_a_person_who_leaves_is_cleared_permanently(rows: Rows) -> None:
    for branch in ('/people', '/covariance', '/camera/people'):
        assert list(rows[f'{branch}/p2', 'Clear:is_recursive']) == [START + 2 * FRAME]
        assert list(rows[f'{branch}/p1', 'Clear:is_recursive']) == [START + 3 * FRAME]


def test_a_guessed_distance_is_said_to_be_one(rows: Rows) -> None:
    assert rows['/people/p1/id', 'Points3D:labels'][START] == ['p1']
    assert 'guess' in rows['/people/p2/id', 'Points3D:labels'][START + FRAME][0]


def test_people_without_any_data_are_not_shown(tmp_path: Path) -> None:
    unknown = person(xyz=np.full((17, 3), np.nan, np.float32))
    rows = record(tmp_path / 'a.rrd', [[unknown]])
    assert {entity for entity, _ in rows} == {'/', '/camera', '/camera/image'}


def test_ids_of_any_kind_stay_one_person(tmp_path: Path) -> None:
    rows = record(tmp_path / 'a.rrd', [[person('left/1 ä')], []])
    entities = {entity for entity, _ in rows if entity.startswith('/people')}
    assert len({e.split('/')[2] for e in entities}) == 1


def test_pixels_are_compressed_in_their_colours(tmp_path: Path) -> None:
    with open_view(tmp_path / 'a.rrd', None, is_live=False) as view:
        view.log_image(START, np.full((48, 64, 3), (200, 100, 20), np.uint8))
    blob = bytes(read_rrd(tmp_path / 'a.rrd')['/camera/image', 'EncodedImage:blob'][START][0])
    picture = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(picture.astype(int) - (200, 100, 20)).max() <= 3


@pytest.mark.skipif(not list(Path('/usr/share/vulkan/icd.d').glob('lvp_*')),
                    reason='no Vulkan driver in software: apt install mesa-vulkan-drivers')
def test_an_image_shows_the_person_upright_with_left_at_the_right_side(tmp_path: Path) -> None:
    with open_view(None, tmp_path / 'a.png', is_live=False) as view:
        view.log_camera(START, CAMERA)
        view.log_skeletons(START, [person(joint_scores=np.ones(17, np.float32))])
    picture = cv2.imread(str(tmp_path / 'a.png')).astype(int)
    space = picture[100:-100, :int(0.55 * picture.shape[1])]  # the other part is the image

    def where(colour: style.Colour) -> np.ndarray:
        rows, columns = np.nonzero(np.abs(space - colour).max(-1) < 50)
        assert len(rows) > 20
        return np.array((columns.mean(), rows.mean()))

    assert where(style.LEFT)[0] > where(style.RIGHT)[0] + 5  # who faces the camera
    assert where(style.MIDDLE)[1] < where(style.LEFT)[1]  # the trunk is above the limbs' middle


def test_without_a_graphics_driver_the_fix_is_named(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('VK_ICD_FILENAMES', 'VK_DRIVER_FILES'):
        monkeypatch.setenv(name, '/nowhere')
    monkeypatch.setenv('WGPU_BACKEND', 'vulkan')
    with pytest.raises(InputError, match='mesa-vulkan-drivers'):
        with open_view(None, tmp_path / 'a.png', is_live=False):
            pass


def test_without_a_screen_a_file_is_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('DISPLAY', 'WAYLAND_DISPLAY'):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match='--save'):
        with open_view(None, None, is_live=False):
            pass


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='no folder'):
        with open_view(tmp_path / 'no' / 'a.rrd', None, is_live=False):
            pass
