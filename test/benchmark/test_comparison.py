# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

from support.clips import write_clip
from support.mediapipe import mediapipe_stand_in

from pose_machine_ros import cli
from pose_machine_ros.benchmark.percentiles import NAMES


def compared(folder, capsys, *options):
    clip, out = write_clip(folder / 'clip.avi', 4), folder / 'out.json'
    assert cli.main(['benchmark', '--video', str(clip), '--people', '1', '--size', '320x240',
                     '--frames', '5', '--device', 'cpu', '--compare', 'mediapipe', '--json',
                     str(out), *options]) == 0
    run = json.loads(out.read_text())
    assert run['cases'] == run['over_ros'] == []
    ours, *others = run['comparison']
    assert ours['method'] == 'pose machine' and ours['found'] == 5
    assert [row['method'] for row in others] == ['MediaPipe full', 'MediaPipe heavy']
    return ours, *others, capsys.readouterr().out


def test_without_mediapipe_its_rows_say_why(tmp_path, capsys):
    ours, *others, printed = compared(
        tmp_path, capsys, '--mediapipe-python', str(tmp_path / 'absent'))
    for row in others:
        assert 'absent does not run' in row['skipped'] and '--mediapipe-python' in row['skipped']
        assert f'{row["method"]} was skipped' in printed
    assert ours['cpu_ms'] > 0 and ours['frames'] == 5


def test_a_model_that_cannot_be_loaded_does_not_stop_the_others(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', str(mediapipe_stand_in(tmp_path)))
    ours, full, heavy, _ = compared(tmp_path, capsys)
    assert 'no heavy model here' in heavy['skipped']
    for row in (ours, full):
        assert row['frames'] == row['found'] == 5 and row['cpu_ms'] >= 0
        found = [row['total_ms'][name] for name in NAMES]
        assert found == sorted(found) and found[0] > 0
