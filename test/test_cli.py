# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import cv2
import numpy as np
import pytest

from correction.windows import standing_pose
from pose_machine_ros import cli
from pose_machine_ros.skeleton import BLAZEPOSE_33, COCO_17, HUMAN36M_17, convert_keypoints

IMAGE = cv2.imread(str(Path(__file__).parent / 'data' / 'balancing.jpg'))[:, :404]
MATRIX = np.array([[600.0, 0, 202], [0, 600, 360], [0, 0, 1]])
CALIBRATION = (
    'image_width: 404\nimage_height: 720\ncamera_name: test\ndistortion_model: plumb_bob\n'
    'camera_matrix: {rows: 3, cols: 3, data: [600, 0, 202, 0, 600, 360, 0, 0, 1]}\n'
    'distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}\n')


@pytest.fixture
def video(tmp_path):
    """A second of a man who slides to the right."""
    path = tmp_path / 'video.mp4'
    height, width = IMAGE.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 30, (width, height))
    for i in range(12):
        writer.write(np.roll(IMAGE, 2 * i, axis=1))
    writer.release()
    return path


@pytest.fixture
def calibration(tmp_path):
    path = tmp_path / 'camera.yaml'
    path.write_text(CALIBRATION)
    return path


def person(frames=20):
    """A person who walks away: joints (F, 17, 3), metres, and Human3.6M-17 keypoints in px."""
    walk = np.array([0, 0, 1 / 30]) * np.arange(frames)[:, None, None]
    # standing_pose looks at the camera: its left is on the picture's right.
    joints = standing_pose().numpy() + [0.3, 0.1, 4] + walk
    pixels = joints @ MATRIX.T
    pixels = pixels[..., :2] / pixels[..., 2:]
    return joints, np.concatenate((pixels, np.ones((frames, 17, 1))), -1)


def fails(capsys, *arguments):
    """Run a command that must fail for the user's sake; return what it says."""
    assert cli.main([str(a) for a in arguments]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].startswith('pose-machine: ')
    return said[-1]


def test_run_writes_skeletons_in_front_of_the_camera(tmp_path, video, calibration):
    out, film = tmp_path / 'out.npz', tmp_path / 'film.mp4'
    assert cli.main(['run', str(video), '--camera', str(calibration), '--out', str(out),
                     '--render', str(film)]) == 0
    file = np.load(out, allow_pickle=False)
    rows = len(file['ids'])
    assert file['stamps_ns'].shape == (12,) and rows >= 12
    assert file['xyz'].shape == (rows, 17, 3) and file['score'].shape == (rows, 17)
    assert file['uv'].shape == (rows, 17, 3) and file['reprojection_px'].shape == (rows,)
    assert tuple(file['joints']) == HUMAN36M_17.names
    assert tuple(file['keypoints']) == COCO_17.names
    man = file['xyz'][file['ids'] == 'p1']
    assert len(man) == 12
    head, ankle = (man[:, HUMAN36M_17.index(n), 1] for n in ('head_top', 'left_ankle'))
    assert (head < ankle - 1).all()  # upright, y down
    assert (man[..., 2] > 1).all() and (man[..., 2] < 8).all()
    assert np.nanmedian(file['reprojection_px']) < 15
    moved = man[-1, 0, 0] - man[0, 0, 0]
    assert moved == pytest.approx(22 / 600 * man[:, 0, 2].mean(), rel=0.5)

    capture = cv2.VideoCapture(str(film))
    pictures = [capture.read()[1] for _ in range(12)]
    assert pictures[-1] is not None and not capture.read()[0]


@pytest.mark.parametrize('correction', ['none', 'learned', 'geometric'])
def test_lift_finds_a_person_of_known_pose(tmp_path, correction):
    joints, keypoints = person()
    given = convert_keypoints(keypoints, HUMAN36M_17, COCO_17)
    path, out = tmp_path / 'in.npz', tmp_path / 'out.npz'
    np.savez(path, stamps_ns=np.arange(20) * 33_333_333, uv=given,
             keypoints=np.array(COCO_17.names), K=MATRIX)
    assert cli.main(['lift', str(path), '--out', str(out), '--correction', correction,
                     '--device', 'cpu']) == 0
    found = np.load(out)['xyz'][10:]
    error = np.linalg.norm((found - found[:, :1]) - (joints - joints[:, :1])[10:], axis=-1)
    assert error.mean() < 0.12
    assert abs(found[:, 0, 2] - joints[10:, 0, 2]).mean() < 0.6


def test_lift_takes_blazepose_and_frames_without_anybody(tmp_path):
    _, keypoints = person()
    given = convert_keypoints(keypoints, HUMAN36M_17, BLAZEPOSE_33)
    given[5:8] = np.nan
    path, out = tmp_path / 'in.npz', tmp_path / 'out.npz'
    np.savez(path, stamps_ns=np.arange(20) * 33_333_333, uv=given,
             keypoints=np.array(BLAZEPOSE_33.names), K=MATRIX)
    assert cli.main(['lift', str(path), '--out', str(out)]) == 0
    frames = np.load(out)['frame'].tolist()
    assert frames == [i for i in range(20) if i not in (5, 6, 7)]


def test_an_absent_video_is_named(tmp_path, capsys):
    assert 'absent.mp4' in fails(capsys, 'run', tmp_path / 'absent.mp4', '--out',
                                 tmp_path / 'o.npz')


def test_a_file_that_is_no_video_is_named(tmp_path, capsys):
    path = tmp_path / 'text.mp4'
    path.write_text('no video')
    assert 'text.mp4' in fails(capsys, 'run', path, '--out', tmp_path / 'o.npz')


def test_a_calibration_for_another_size_is_refused(tmp_path, video, calibration, capsys):
    calibration.write_text(CALIBRATION.replace('404', '640'))
    said = fails(capsys, 'run', video, '--camera', calibration, '--out', tmp_path / 'o.npz')
    assert '640x720' in said and '404x720' in said


def test_keypoints_without_names_are_refused(tmp_path, capsys):
    path = tmp_path / 'in.npz'
    np.savez(path, stamps_ns=np.arange(3), uv=np.zeros((3, 17, 3)), K=MATRIX)
    assert "'keypoints'" in fails(capsys, 'lift', path, '--out', tmp_path / 'o.npz')


def test_an_unknown_device_is_refused(tmp_path, capsys):
    path = tmp_path / 'in.npz'
    np.savez(path, stamps_ns=np.arange(1), uv=np.zeros((1, 17, 3)),
             keypoints=np.array(COCO_17.names), K=MATRIX)
    said = fails(capsys, 'lift', path, '--out', tmp_path / 'o.npz', '--device', 'tpu')
    assert 'auto, cpu' in said


def test_missing_weights_are_named_with_the_repair(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(tmp_path))
    path = tmp_path / 'in.npz'
    np.savez(path, stamps_ns=np.arange(1), uv=np.zeros((1, 17, 3)),
             keypoints=np.array(COCO_17.names), K=MATRIX)
    assert 'git checkout' in fails(capsys, 'lift', path, '--out', tmp_path / 'o.npz')


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys):
    path = tmp_path / 'in.npz'
    np.savez(path, stamps_ns=np.arange(1), uv=np.ones((1, 17, 3)),
             keypoints=np.array(COCO_17.names), K=MATRIX)
    assert 'cannot write' in fails(capsys, 'lift', path, '--out', tmp_path / 'no' / 'o.npz')


def test_an_unknown_correction_is_refused_with_the_known_ones(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(['run', 'v.mp4', '--out', 'o.npz', '--correction', 'magic'])
    assert stopped.value.code == 2
    assert 'geometric' in capsys.readouterr().err


def test_keypoints_of_a_folder_of_videos_can_be_lifted(tmp_path, video, calibration, capsys):
    (tmp_path / 'films').mkdir()
    video.rename(tmp_path / 'films' / 'a.MP4')
    out = tmp_path / 'keypoints'
    assert cli.main(['keypoints', str(tmp_path / 'films'), '--camera', str(calibration), '--out',
                     str(out), '--seconds', '0.3', '--device', 'cpu']) == 0
    path = out / 'a_p1.npz'  # a part of him that slides out at the right may be a second person
    with np.load(path) as file:
        assert len(file['stamps_ns']) == 12
        np.testing.assert_allclose(file['K'], MATRIX)
        hip = file['uv'][:, COCO_17.index('left_hip')]
        assert 10 < hip[-1, 0] - hip[0, 0] < 34  # he slides by 22 px
    assert cli.main(['lift', str(path), '--out', str(tmp_path / 'out.npz')]) == 0
    with np.load(tmp_path / 'out.npz') as file:
        assert np.isfinite(file['xyz']).all() and (file['xyz'][:, 0, 2] > 1).all()
    assert 'no video' in fails(capsys, 'keypoints', out, '--out', tmp_path)
