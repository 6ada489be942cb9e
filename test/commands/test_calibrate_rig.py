# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The command on keypoint files of two cameras: a YAML, a launch file, a plot, and its errors."""

from __future__ import annotations

from pathlib import Path
import re
import sys

import cv2
import numpy as np
import pytest
from support import captured, fake_launch
from support.inputs import CALIBRATION, fails

from pose_machine_ros import cli
from pose_machine_ros.evaluation.walked_rigs import RigScenario, RigScene, scenes
from pose_machine_ros.io.calibration.extrinsics import Extrinsics
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.rig_calibration.procrustes import rotation_angle


@pytest.fixture(scope='module')
def scene(tmp_path_factory: pytest.TempPathFactory) -> RigScene:
    """Return a walk of 8 s before two cameras whose clocks differ."""
    data = captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')
    return next(scenes(data, RigScenario(2, seconds=8, max_offset=0.5, is_noisy=False), 1))


@pytest.fixture(scope='module')
def files(scene: RigScene, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Write the keypoints of both cameras; return the options that name them."""
    folder, options = tmp_path_factory.mktemp('keypoints'), []
    unseen = np.full((17, 3), (np.nan, np.nan, 0), np.float32)
    for name, sequence in zip(('left', 'right'), scene.sequences):
        keypoints = np.stack([people.get('p1', unseen) for people in sequence.people])
        KeypointFile(sequence.stamps_ns[::2], keypoints[::2], sequence.camera).write(
            folder / f'{name}.npz')
        options += ['--camera', f'{name}={folder / name}.npz']
    return options


def test_two_cameras_from_keypoint_files(
        scene: RigScene, files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / 'rig.yaml'
    apart = float(np.linalg.norm(scene.poses[0].translation - scene.poses[1].translation))
    assert cli.main(['calibrate-rig', *files, '--output', str(out), '--frame', 'hall', '--device',
                     'cpu', '--distance', 'left', 'right', f'{apart:.4f}']) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ['rig.launch.py', 'rig.png', 'rig.yaml']
    rig = Extrinsics.load(out)
    assert rig.frame == 'hall'
    assert list(rig.cameras) == ['left_optical_frame', 'right_optical_frame']
    left, right = rig.cameras.values()
    found, true = left.inverse() @ right, scene.poses[0].inverse() @ scene.poses[1]
    assert np.degrees(rotation_angle(found.rotation.T @ true.rotation)) < 1.5
    assert found.translation == pytest.approx(true.translation, abs=0.2)
    assert rig.time_offsets['right_optical_frame'] == pytest.approx(scene.offsets[1], abs=0.02)
    assert left.translation[2] == pytest.approx(scene.poses[0].translation[2], abs=0.2)

    said = capsys.readouterr().out
    assert re.search(r'right: position [\d.]+ cm, rotation [\d.]+ degrees, time offset', said)
    for line in said.splitlines()[:5]:
        assert f'# {line}\n' in out.read_text()
    assert cv2.imread(str(tmp_path / 'rig.png')).shape[1] > 1000


def test_the_launch_file_publishes_the_poses_of_the_yaml(
        files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_launch.install(monkeypatch)
    made: list[dict] = []
    monkeypatch.setattr(sys.modules['launch_ros.actions'], 'Node',
                        lambda **options: made.append(options))
    out = tmp_path / 'rig.yaml'
    assert cli.main(['calibrate-rig', *files, '--output', str(out), '--device', 'cpu',
                     '--height', '1.7']) == 0
    fake_launch.load(str(tmp_path / 'rig.launch.py'))
    rig = Extrinsics.load(out)
    assert len(made) == len(rig.cameras) == 2
    for options in made:
        given = dict(zip(options['arguments'][::2], options['arguments'][1::2]))
        pose = rig.cameras[given['--child-frame-id']]
        assert given['--frame-id'] == 'world'
        assert [float(given[f'--{axis}']) for axis in 'xyz'] == pytest.approx(
            pose.translation, abs=1e-5)
        assert [float(given[f'--q{axis}']) for axis in 'xyzw'] == pytest.approx(
            pose.quaternion(), abs=1e-8)


@pytest.mark.parametrize('options, message', [
    ([], 'give one source'),
    (['--bag', 'a', '--nodes', '/left/pose_machine'], 'give one source.*--bag and --nodes'),
    (['--camera', 'left.mp4'], '--camera left.mp4 has no name'),
    (['--camera', 'left=left.mp4'], 'names left only; a rig has at least two'),
    (['--camera', 'a=a.mp4', '--camera', 'b=b.mp4'], '^a has no calibration.*--calibration a='),
    (['--camera', 'a=a.mp4', '--camera', 'b=b.mp4', '--calibration', 'c=c.yaml'],
     '--calibration names c, and --camera a, b'),
    (['--camera', 'a=a.mp4', '--camera', 'b=b.npz', '--camera', 'a=c.mp4'],
     '--camera a is given 2'),
    (['--bag', 'a', '--camera', 'a=/a', '--camera', 'a=/b'], '--camera gives a twice'),
    (['--bag', 'absent'], 'there is no bag absent'),
    (['--nodes', '/left/pose_machine'], 'one node'),
    (['--nodes', '/a/p', '/b/p', '--seconds', '0'], '--seconds 0'),
    (['--bag', 'a', '--distance', 'a', 'b', 'far'], '--distance far is not a number'),
    (['--bag', 'a', '--height', '1.7', '--distance', 'a', 'b', '2'], '--height and --distance')])
def test_options_that_do_not_fit_are_refused(
        options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    said = fails(capsys, 'calibrate-rig', *options, '--output', tmp_path / 'rig.yaml')
    assert re.search(message, said.removeprefix('pose-machine: ')), said
    assert not list(tmp_path.iterdir())


def test_a_missing_video_is_named_before_work_begins(
        tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / 'c.yaml').write_text(CALIBRATION)
    said = fails(capsys, 'calibrate-rig', '--camera', 'a=absent.mp4', '--camera', 'b=b.mp4',
                 '--calibration', f'a={tmp_path}/c.yaml', '--output', tmp_path / 'rig.yaml')
    assert 'absent.mp4' in said


def test_a_folder_that_cannot_be_written_is_named_before_work_begins(
        tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert 'no folder' in fails(capsys, 'calibrate-rig', '--camera', 'a=a.npz', '--camera',
                                'b=b.npz', '--output', tmp_path / 'no' / 'rig.yaml')
