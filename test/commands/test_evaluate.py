# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
import json

import pytest
from support import captured

from pose_machine_ros import cli
from pose_machine_ros.evaluation import mocap_clips, real_video


@pytest.fixture
def videos(tmp_path, monkeypatch):
    """Folders whose videos are clips of motion capture: a has a1 and a2, b has b1."""
    data = captured.write(tmp_path / 'motion.npz')
    clip, = mocap_clips.clips(data, mocap_clips.CONDITIONS['clean'], 0.3)
    names = {'a': ('a1', 'a2'), 'b': ('b1',)}

    def clips(truth, videos, config, offset):
        assert truth.name == videos.name
        return [replace(clip, name=name) for name in names[truth.name]]

    monkeypatch.setattr(real_video, 'clips', clips)
    return tmp_path


def test_several_folders_are_one_table(videos, tmp_path, capsys):
    figures = tmp_path / 'figures.json'
    a, b = str(videos / 'a'), str(videos / 'b')
    assert cli.main(['evaluate', 'real-video', '--split', '--truth', a, b, '--videos', a, b,
                     '--device', 'cpu', '--json', str(figures)]) == 0
    result = json.loads(figures.read_text())
    assert list(result) == ['a1', 'a2', 'b1', 'mean over clips']
    mean = result['mean over clips']['geometric']
    assert mean['clips'] == 3 and set(mean['by_clip']) == {'a1', 'a2', 'b1'}
    assert mean['along_mm'] == pytest.approx(result['b1']['geometric']['along_mm'])
    assert '(range ' in capsys.readouterr().out


@pytest.mark.parametrize('truth, footage, message', [
    (['a', 'b'], ['a'], '2 folders and --videos 1'), (['a', 'a'], ['a', 'a'], 'a1')])
def test_folders_that_do_not_fit_are_an_error(videos, capsys, truth, footage, message):
    assert cli.main(['evaluate', 'real-video', '--split', '--device', 'cpu',
                     '--truth', *(str(videos / name) for name in truth),
                     '--videos', *(str(videos / name) for name in footage)]) != 0
    assert message in capsys.readouterr().err
