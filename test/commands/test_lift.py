# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import detection_formats
from support.inputs import CALIBRATION, fails, MATRIX, person

from pose_machine_ros import cli
from pose_machine_ros.skeleton import BLAZEPOSE_33, COCO_17, convert_keypoints, HUMAN36M_17


@pytest.fixture
def calibration(tmp_path):
    path = tmp_path / 'camera.yaml'
    path.write_text(CALIBRATION)
    return path


@pytest.mark.parametrize('correction', ['none', 'geometric', 'learned', 'paper'])
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


def lift(tmp_path, source, *options):
    """Lift a file without correction; return the arrays of its skeletons."""
    out = tmp_path / 'lifted.npz'
    assert cli.main(['lift', str(source), '--out', str(out), '--correction', 'none', '--device',
                     'cpu', *map(str, options)]) == 0
    with np.load(out) as file:
        return dict(file)


def same(a, b):
    return all(np.array_equal(a[n], b[n], equal_nan=a[n].dtype.kind == 'f') for n in a)


def coco_person(frames=20):
    return convert_keypoints(person(frames)[1], HUMAN36M_17, COCO_17)


@pytest.mark.parametrize('nothing', [0.0, -1.0, np.nan, 'score 0', 'zeros with a score'])
def test_lift_reads_all_forms_of_an_empty_frame_alike(tmp_path, nothing):
    def write(name, gap):
        keypoints = coco_person()
        keypoints[:, 9] = np.nan, np.nan, 0  # a wrist that is never seen
        keypoints[2:5] = np.nan, np.nan, 0
        keypoints[8:14] = np.nan, np.nan, 0
        if gap is not None:
            unseen = keypoints[..., 2] == 0
            keypoints[unseen] = {'score 0': (300, 200, 0), 'zeros with a score': (0, 0, 0.5)}.get(
                gap, gap)
        np.savez(tmp_path / name, stamps_ns=np.arange(20) * 33_333_333, uv=keypoints,
                 keypoints=np.array(COCO_17.names), K=MATRIX)
        return lift(tmp_path, tmp_path / name)

    expected = write('nan.npz', None)
    assert expected['frame'].tolist() == [*range(2), *range(5, 8), *range(14, 20)]
    assert same(write('given.npz', nothing), expected)


@pytest.mark.parametrize('write', [
    detection_formats.openpose, detection_formats.coco_results,
    detection_formats.coco_annotations, detection_formats.alphapose,
    detection_formats.mmpose], ids=lambda f: f.__name__)
def test_lift_reads_json_like_npz(tmp_path, calibration, write):
    keypoints = coco_person()
    keypoints[:, 1:5] = keypoints[:, :1]  # eyes and ears, which Human3.6M lacks
    keypoints[5:8] = 0
    np.savez(tmp_path / 'in.npz', stamps_ns=np.round(np.arange(20) * 1e9 / 30).astype(np.int64),
             uv=keypoints, keypoints=np.array(COCO_17.names), K=MATRIX)
    expected = lift(tmp_path, tmp_path / 'in.npz')
    frames = [[k] if k.any() else [] for k in keypoints]
    found = lift(tmp_path, write(tmp_path / 'json', frames), '--fps', 30, '--camera', calibration)
    assert same(found, expected) and len(found['ids']) == 17


def test_lift_writes_rows_for_every_person(tmp_path):
    one = coco_person()
    other = one + [-150, 0, 0]
    source = detection_formats.openpose(tmp_path / 'json', [[a, b] for a, b in zip(one, other)])
    found = lift(tmp_path, source, '--fps', 30, '--size', '404x720', '--fov', 60)
    assert found['ids'].tolist() == ['p1', 'p2'] * 20
    assert np.isfinite(found['xyz']).all()
    first, second = (found['xyz'][found['ids'] == i, 0, 0] for i in ('p1', 'p2'))
    assert (first > second + 0.3).all()


@pytest.mark.parametrize('options, reason', [
    (['--size', '404x720'], '--fps'), (['--fps', '30'], '--size'),
    (['--fps', '0', '--size', '404x720'], '--fps 0'),
    (['--fps', 'nan', '--size', '404x720'], '--fps nan'),
    (['--fps', '1e-300', '--size', '404x720'], '--fps 1e-300 is not between 0.01 and 1000'),
    (['--fps', '1e-9', '--size', '404x720'], '--fps 1e-09'),
    (['--fps', '1001', '--size', '404x720'], '--fps 1001'),
    (['--fps', '30', '--size', '404'], '--size 404'),
    (['--fps', '30', '--size', '0x720'], '--size 0x720'),
    (['--fps', '30', '--size', '00x720'], '--size 00x720'),
    (['--fps', '30', '--size', '40x72'], 'outside')])
def test_lift_of_json_needs_times_and_a_camera(tmp_path, capsys, options, reason):
    source = detection_formats.coco_results(tmp_path / 'in', [[k] for k in coco_person()])
    said = fails(capsys, 'lift', source, '--out', tmp_path / 'o.npz', *options)
    assert reason in said and (str(source) in said or '--fps' in reason or '--size' in reason)
    assert not (tmp_path / 'o.npz').exists()


@pytest.mark.parametrize('option', [('--fps', '30'), ('--size', '404x720')])
def test_lift_of_npz_has_its_own_times_and_camera(tmp_path, capsys, option):
    path = tmp_path / 'in.npz'
    np.savez(path, stamps_ns=np.arange(20) * 33_333_333, uv=coco_person(),
             keypoints=np.array(COCO_17.names), K=MATRIX)
    assert ' '.join(option) in fails(capsys, 'lift', path, '--out', tmp_path / 'o.npz', *option)


def test_a_damaged_json_file_is_named_with_its_frame(tmp_path, capsys):
    source = detection_formats.openpose(tmp_path / 'in', [[k] for k in coco_person(3)])
    detection_formats.write(source / 'clip_000000000001_keypoints.json',
                            {'people': [{'pose_keypoints_2d': [1.0, 2.0, 0.5]}]})
    said = fails(capsys, 'lift', source, '--out', tmp_path / 'o.npz', '--fps', 30, '--size', '4x7')
    assert 'clip_000000000001_keypoints.json, person 0 has 1 keypoints' in said


def test_nothing_to_lift_is_named(tmp_path, capsys):
    assert 'absent.json' in fails(capsys, 'lift', tmp_path / 'absent.json', '--out',
                                  tmp_path / 'o.npz', '--fps', 30, '--size', '4x7')


@pytest.mark.parametrize('command', [['lift'], ['view', '--bag']])
def test_an_address_is_quoted_as_it_was_given(tmp_path, capsys, command):
    address = 'rtsp://user@cam/1'
    out = ['--out', tmp_path / 'o.npz'] if command == ['lift'] else []
    said = fails(capsys, *command, address, *out)
    assert address in said and ('camera.launch.py' in said or command != ['lift'])


def test_a_video_cannot_be_lifted_but_run(tmp_path, capsys):
    video = tmp_path / 'clip.MP4'
    video.write_bytes(b'')
    said = fails(capsys, 'lift', video, '--out', tmp_path / 'o.npz')
    assert f'{video} is a video' in said
    assert 'pose-machine run' in said and 'pose-machine keypoints' in said


def test_the_help_of_lift_names_its_formats(capsys):
    with pytest.raises(SystemExit):
        cli.main(['lift', '--help'])
    said = ' '.join(capsys.readouterr().out.split())
    for word in ('OpenPose', 'COCO', 'AlphaPose', 'MMPose', 'Ultralytics', 'npz', '--fps', '--size',
                 '--camera', 'time 0 at the first frame'):
        assert word in said
