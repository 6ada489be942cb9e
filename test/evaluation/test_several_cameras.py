# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from support.clips import write_clip

from pose_machine_ros import cli


def test_one_process_takes_less_memory_than_two(tmp_path, capsys):
    clip, out = write_clip(tmp_path / 'clip.avi', 4), tmp_path / 'out.json'
    assert cli.main(['benchmark', '--cameras', '2', '--video', str(clip), '--frames', '2',
                     '--correction', 'none', '--device', 'cpu', '--json', str(out)]) == 0
    figures = json.loads(out.read_text())
    processes, shared, batched = figures.values()
    printed = capsys.readouterr().out
    for name, row in figures.items():
        assert name in printed and all(value > 0 for value in row.values())
    for row in (shared, batched):
        assert row['memory_mb'] < 0.8 * processes['memory_mb']


@pytest.mark.parametrize('given, complaint', [('0', 'cameras = 0'), ('-1', 'cameras = -1')])
def test_too_few_cameras_are_refused(tmp_path, capsys, given, complaint):
    clip = write_clip(tmp_path / 'clip.avi', 2)
    assert cli.main(['benchmark', '--cameras', given, '--video', str(clip)]) == 2
    assert complaint in capsys.readouterr().err
