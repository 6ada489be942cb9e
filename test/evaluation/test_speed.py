# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import json
import re

import pytest
from support.clips import write_clip

from pose_machine_ros import cli
from pose_machine_ros.evaluation.speed import STAGES


def test_the_stages_of_a_frame_add_up_to_it(tmp_path, capsys):
    clip, out = write_clip(tmp_path / 'clip.avi', 4), tmp_path / 'out.json'
    assert cli.main(['benchmark', '--video', str(clip), '--frames', '6', '--device', 'cpu',
                     '--backend', 'torch', '--json', str(out)]) == 0
    figures, printed = json.loads(out.read_text()), capsys.readouterr().out
    stages = {name: row['median'] for name, row in figures['stages_ms'].items()}
    assert set(stages) <= set(STAGES) and 'backend: torch' in printed
    parts = sum(stages[name] for name in ('crop', 'keypoints', 'track', 'lift', 'correct'))
    assert 0.3 * stages['total'] < parts < 2 * stages['total']
    assert figures['frames'] == 6 and figures['people'] >= 1
    assert figures['frames_per_second'] > 0


def test_a_number_of_frames_that_cannot_be_measured_is_refused(tmp_path, capsys):
    clip = write_clip(tmp_path / 'clip.avi', 2)
    assert cli.main(['benchmark', '--video', str(clip), '--frames', '0']) == 2
    assert 'frames = 0' in capsys.readouterr().err


def test_an_unknown_backend_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(['benchmark', '--video', str(tmp_path / 'clip.avi'), '--backend', 'abacus'])
    assert stopped.value.code == 2
    assert re.search("'abacus'.*openvino", capsys.readouterr().err)
