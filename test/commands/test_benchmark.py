# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import pytest
from support.clips import write_clip

from pose_machine_ros import cli


@pytest.mark.parametrize('options, complaint', [
    (['--frames', '0'], 'frames = 0 must be at least 1'),
    (['--seconds', '0'], 'seconds = 0 positive'),
    (['--people', '0'], 'people = 0 must be from 1'),
    (['--cameras', '2', '0'], 'cameras = 0 must be from 1'),
    (['--cameras', '2', '--ros'], 'leave out --cameras'),
    (['--cameras', '2', '--compare', 'mediapipe'], 'leave out --cameras'),
    (['--beside', '-1'], 'beside = -1 must be 0 or more'),
    (['--json', 'absent/out.json'], 'there is no folder absent'),
    (['--plot', 'absent/out.png'], 'there is no folder absent'),
    (['--video', 'absent.mp4'], 'there is no video file absent.mp4'),
])
def test_what_cannot_be_measured_is_refused_at_once(
        tmp_path, capsys, monkeypatch, options, complaint):
    monkeypatch.chdir(tmp_path)
    clip = write_clip(tmp_path / 'clip.avi', 2)
    assert cli.main(['benchmark', '--video', str(clip), *options]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize('option, value, fix', [
    ('--size', '1280', 'write it like 1280x720'), ('--people', 'few', "a number or 'video'"),
    ('--backend', 'abacus', 'openvino'), ('--compare', 'openpose', 'mediapipe')])
def test_values_that_are_not_understood_are_explained(capsys, option, value, fix):
    with pytest.raises(SystemExit) as stopped:
        cli.main(['benchmark', option, value])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert value in said and fix in said


def test_a_video_without_people_makes_no_montage(tmp_path, capsys):
    import cv2
    import numpy as np
    path = tmp_path / 'empty.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (320, 240))
    for _ in range(3):
        writer.write(np.full((240, 320, 3), 90, np.uint8))
    writer.release()
    assert cli.main(['benchmark', '--video', str(path), '--device', 'cpu']) == 2
    said = capsys.readouterr().err
    assert 'empty.avi shows nobody' in said and '--people video' in said


def test_the_help_loads_no_large_library():
    program = ('import sys; from pose_machine_ros import cli\n'
               'try: cli.main(["benchmark", "--help"])\n'
               'finally: print(sorted({"cv2", "matplotlib", "torch"} & set(sys.modules)))')
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout.endswith('\n[]\n'), done.stdout + done.stderr
