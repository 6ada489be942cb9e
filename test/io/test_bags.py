# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Bags as people have them: whole, without metadata, one file of them, cut off."""

from __future__ import annotations

from pathlib import Path

import pytest
from rosbags.rosbag2 import StoragePlugin, Writer

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags

STRING = 'std_msgs/msg/String'
SUFFIX = {StoragePlugin.MCAP: '.mcap', StoragePlugin.SQLITE3: '.db3'}


@pytest.fixture(params=SUFFIX, ids=lambda storage: storage.name)
def bag(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write a bag with messages on /a and /b; returns its folder."""
    store = bags.typestore()
    with Writer(tmp_path / 'bag', version=8, storage_plugin=request.param) as writer:
        topics = [writer.add_connection(t, STRING, typestore=store) for t in ('/a', '/b')]
        for i in range(2000):
            text = store.types[STRING](data=f'{i} {"x" * 100}')
            writer.write(topics[i % 2], i, store.serialize_cdr(text, STRING))
    return tmp_path / 'bag'


def storage(bag: Path) -> Path:
    return next(f for f in bag.iterdir() if f.suffix in SUFFIX.values())


def test_a_single_file_reads_as_its_folder_does(bag):
    expected = [(t, s, m.data) for t, s, m in bags.read_messages(bag)]
    assert len(expected) == 2000
    (bag / 'metadata.yaml').unlink()
    file = storage(bag)
    assert [(t, s, m.data) for t, s, m in bags.read_messages(file)] == expected
    assert {t for t, _, _ in bags.read_messages(file, {'/b'})} == {'/b'}
    assert list(bags.read_messages(file, {'/c'})) == []
    assert bags.topic_types(file) == {'/a': STRING, '/b': STRING}


def test_missing_metadata_are_named_with_the_fix(bag):
    (bag / 'metadata.yaml').unlink()
    with pytest.raises(InputError) as caught:
        bags.topic_types(bag)
    said = str(caught.value)
    assert 'metadata.yaml' in said and 'ros2 bag reindex' in said and str(storage(bag)) in said


@pytest.mark.parametrize('share', [0, 0.001, 0.5, 0.9, 0.997])
def test_a_file_that_was_cut_off_is_refused(bag, share):
    file = storage(bag)
    content = file.read_bytes()
    file.write_bytes(content[:int(share * len(content))])
    for path in (bag, file):
        with pytest.raises(InputError, match='bag'):
            for _ in bags.read_messages(path):
                pass


@pytest.mark.parametrize('kind', ['absent', 'empty folder', 'text'])
def test_what_is_no_bag_is_named(tmp_path, kind):
    path = tmp_path / 'bag'
    if kind == 'empty folder':
        path.mkdir()
    elif kind == 'text':
        path.write_text('hello')
    with pytest.raises(InputError, match='bag'):
        list(bags.read_messages(path))


def test_a_view_that_fails_leaves_no_file(bag, tmp_path, capsys):
    pytest.importorskip('rerun')
    (bag / 'metadata.yaml').unlink()
    earlier = tmp_path / 'a.rrd'
    for content in (None, b'earlier'):
        if content:
            earlier.write_bytes(content)
        assert cli.main(['view', '--bag', str(bag), '--save', str(earlier),
                         '--screenshot', str(tmp_path / 'a.png')]) == 2
        assert 'metadata.yaml' in capsys.readouterr().err
        left = {f.name for f in tmp_path.iterdir()} - {'bag'}
        assert left == ({'a.rrd'} if content else set())
    assert earlier.read_bytes() == b'earlier'
