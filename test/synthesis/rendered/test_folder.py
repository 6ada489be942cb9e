# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import itertools
import sys
import types

import numpy as np
import pytest
from support import captured
from support.rendered_sequences import random_sequence

from pose_machine_ros import cli
from pose_machine_ros.synthesis.rendered import folder
from pose_machine_ros.synthesis.rendered.shards import read_shard


@pytest.fixture
def mocap(tmp_path):
    return captured.write(tmp_path / 'motion.npz')


class FakeRenderer:
    """Gives sequences that depend on the seed only."""

    seeds: list[tuple[int, int]] = []

    def __init__(self, data, photos):
        pass

    def sequences(self, seed):
        self.seeds.append(seed)
        return (random_sequence(10 * seed[1] + i) for i in itertools.count())


@pytest.fixture
def rendered(monkeypatch):
    """Return the seeds of the files that are rendered; without anny and pyrender."""
    name = 'pose_machine_ros.synthesis.rendered.sequences'
    monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(
        FRAMES=4, SequenceRenderer=FakeRenderer))
    monkeypatch.setattr(folder, 'SHARD', 3)
    monkeypatch.setattr(FakeRenderer, 'seeds', [])
    return FakeRenderer.seeds


def render(mocap, out, sequences, *more):
    return cli.main(['render-people', '--data', str(mocap), '--out', str(out), '--sequences',
                     str(sequences), '--seed', '9', *more])


def test_files_hold_the_sequences_asked_for(mocap, tmp_path, rendered):
    assert render(mocap, tmp_path / 'out', 7) == 0
    files = sorted((tmp_path / 'out').iterdir())
    assert [len(read_shard(f)) for f in files] == [3, 3, 1]
    assert rendered == [(9, 0), (9, 1), (9, 2)]


def test_a_run_continues_where_it_was_interrupted(mocap, tmp_path, rendered):
    out = tmp_path / 'out'
    assert render(mocap, out, 6) == 0
    files = sorted(out.iterdir())
    content = files[1].read_bytes()
    before = files[0].stat().st_mtime_ns
    files[1].unlink()
    rendered.clear()
    assert render(mocap, out, 6) == 0
    assert rendered == [(9, 1)]
    assert files[0].stat().st_mtime_ns == before
    with np.load(files[1]) as again:
        assert len(again['joints']) == 3
    assert len(content) == len(files[1].read_bytes())
    rendered.clear()
    assert render(mocap, out, 6) == 0 and rendered == []


@pytest.mark.parametrize(('sequences', 'more', 'message'), [
    (0, (), 'at least 1'),
    (3, ('--split', 'nights'), 'nights'),
    (3, ('--backgrounds', 'nowhere'), 'nowhere')])
def test_unusable_options_are_errors(sequences, more, message, mocap, tmp_path, rendered, capsys):
    assert render(mocap, tmp_path / 'out', sequences, *more) == 2
    assert message in capsys.readouterr().err


def test_without_the_packages_the_error_names_the_extra(mocap, tmp_path, monkeypatch, capsys):
    for name in ('packages', 'random_bodies', 'renderer', 'sequences'):
        monkeypatch.delitem(sys.modules, f'pose_machine_ros.synthesis.rendered.{name}',
                            raising=False)
    monkeypatch.setitem(sys.modules, 'anny', None)
    assert render(mocap, tmp_path / 'out', 3) == 2
    assert 'pose_machine_ros[synthesis]' in capsys.readouterr().err
