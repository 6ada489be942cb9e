# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import itertools
from pathlib import Path
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from support.inputs import CALIBRATION, fails, MATRIX

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.processes.signals import interrupt_on_signals
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17

IMAGE = cv2.imread(str(Path(__file__).parent / 'data' / 'balancing.jpg'))[:, :404]


@pytest.fixture
def video(tmp_path):
    """Return a second of a man who slides to the right."""
    return video_of(tmp_path / 'video.mp4', (np.roll(IMAGE, 2 * i, axis=1) for i in range(12)))


def video_of(path, pictures):
    """Write images of one size at 30 Hz."""
    pictures = iter(pictures)
    first = next(pictures)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 30, first.shape[1::-1])
    for picture in itertools.chain([first], pictures):
        writer.write(picture)
    writer.release()
    return path


@pytest.fixture
def calibration(tmp_path):
    path = tmp_path / 'camera.yaml'
    path.write_text(CALIBRATION)
    return path


def test_run_writes_skeletons_in_front_of_the_camera(tmp_path, video, calibration):
    out, rendered = tmp_path / 'out.npz', tmp_path / 'rendered.mp4'
    assert cli.main(['run', str(video), '--camera', str(calibration), '--out', str(out),
                     '--render', str(rendered)]) == 0
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

    capture = cv2.VideoCapture(str(rendered))
    pictures = [capture.read()[1] for _ in range(12)]
    assert pictures[-1] is not None and not capture.read()[0]


def test_a_rendered_video_of_a_variable_rate_lasts_as_long_as_its_input(tmp_path):
    out, rendered = tmp_path / 'out.npz', tmp_path / 'rendered.mp4'
    video = Path(__file__).parent / 'data' / 'phone.mp4'  # 30 and 15 Hz
    assert cli.main(['run', str(video), '--out', str(out), '--render', str(rendered)]) == 0
    with np.load(out) as file:
        assert file['stamps_ns'][-1] == pytest.approx(49e9 / 30, abs=1e6)
    capture = cv2.VideoCapture(str(rendered))
    count = 0
    while capture.read()[0]:
        count += 1
    assert count / capture.get(cv2.CAP_PROP_FPS) == pytest.approx(50 / 30, abs=0.02)


@pytest.mark.parametrize('earlier', [False, True])
def test_a_run_that_fails_leaves_files_as_they_were(tmp_path, video, monkeypatch, earlier):
    out, rendered = tmp_path / 'out.npz', tmp_path / 'rendered.mp4'
    if earlier:
        out.write_text('earlier')
        rendered.write_text('earlier')
    frames = iter(range(5))

    def step(*_):
        if next(frames, None) is None:
            raise KeyboardInterrupt
        return []

    monkeypatch.setattr(PoseMachine, 'step', step)
    assert cli.main(['run', str(video), '--out', str(out), '--render', str(rendered)]) == 130
    left = sorted(f.name for f in tmp_path.iterdir())
    assert left == sorted(['video.mp4'] + ['rendered.mp4', 'out.npz'] * earlier)
    assert not earlier or out.read_text() == rendered.read_text() == 'earlier'


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_with_one_line_and_leaves_nothing(tmp_path, number):
    # Longer than any test waits for the signal
    video = video_of(tmp_path / 'video.mp4', itertools.repeat(IMAGE, 900))
    command = [sys.executable, '-m', 'pose_machine_ros.cli', 'run', video, '--out',
               tmp_path / 'out.npz', '--render', tmp_path / 'rendered.mp4', '--device', 'cpu']
    earlier = signal.signal(number, signal.SIG_DFL)  # below nohup SIGHUP is ignored, and inherited
    try:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(number, earlier)
    with process:
        while not any(tmp_path.glob('.rendered.*')) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == 'pose-machine: interrupted' and 'Traceback' not in said
    assert [f.name for f in tmp_path.iterdir()] == ['video.mp4']


def test_an_interrupt_that_a_library_reports_as_a_failure_stays_an_interrupt():
    def handlers():
        return [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]

    earlier = handlers()
    for error in (InputError, None):
        with pytest.raises(KeyboardInterrupt), interrupt_on_signals():
            try:
                signal.raise_signal(signal.SIGTERM)
            except KeyboardInterrupt:
                if error:
                    raise error from None
        assert handlers() == earlier


@pytest.mark.parametrize('out, render', [
    ('no/o.npz', None), ('folder.npz', None), ('o.npz', 'no/f.mp4'), ('o.npz', 'folder.npz'),
    ('o.npz', 'video.mp4')])
def test_run_immediately_reports_what_it_cannot_write(
        tmp_path, video, capsys, monkeypatch, out, render):
    monkeypatch.setattr(PoseMachine, '__init__', lambda *_: pytest.fail('work has begun'))
    (tmp_path / 'folder.npz').mkdir()
    content = video.read_bytes()
    options = ('--render', tmp_path / render) if render else ()
    said = fails(capsys, 'run', video, '--out', tmp_path / out, *options)
    assert str(tmp_path / (render or out)) in said
    assert sorted(f.name for f in tmp_path.iterdir()) == ['folder.npz', 'video.mp4']
    assert video.read_bytes() == content


@pytest.mark.parametrize('command', ['run', 'keypoints'])
@pytest.mark.parametrize('address', [
    '0', '/dev/video0', '/dev/v4l/by-path/a', 'rtsp://10.0.0.2:554/a', 'http://example.org/a.mp4'])
def test_cameras_and_streams_go_through_ros(tmp_path, capsys, command, address):
    said = fails(capsys, command, address, '--out', tmp_path / 'o')
    assert f'{address} is a camera or a stream' in said and 'camera.launch.py' in said


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


def test_keypoints_of_a_camera_that_hangs_upside_down(tmp_path):
    height, width = IMAGE.shape[:2]
    waist = cv2.rotate(IMAGE[:height * 2 // 5], cv2.ROTATE_180)  # without it, no person is found
    path = video_of(tmp_path / 'a.mp4', itertools.repeat(waist, 4))
    assert cli.main(['keypoints', str(path), '--out', str(tmp_path / 'k'), '--seconds', '0.05',
                     '--rotation', '180', '--device', 'cpu']) == 0
    with np.load(tmp_path / 'k' / 'a_p1.npz') as file:
        nose, hip = (file['uv'][-1, COCO_17.index(n), 1] for n in ('nose', 'left_hip'))
    assert nose > hip  # in px of the original image


def test_keypoints_immediately_reports_a_folder_that_it_cannot_write(tmp_path, video, capsys):
    (tmp_path / 'file').write_text('')
    assert str(tmp_path / 'file') in fails(
        capsys, 'keypoints', video, '--out', tmp_path / 'file', '--device', 'cpu')
