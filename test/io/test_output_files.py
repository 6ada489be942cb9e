# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import atomic_output, check_output, create_output_folder


def test_the_file_is_there_at_the_end(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_text('earlier')
    with atomic_output(path) as partial:
        assert partial.suffix == '.txt' and partial.parent == tmp_path
        partial.write_text('new')
        assert path.read_text() == 'earlier'
    assert path.read_text() == 'new'
    assert os.listdir(tmp_path) == ['a.txt']


@pytest.mark.parametrize('error', [ValueError, OSError, KeyboardInterrupt])
@pytest.mark.parametrize('earlier', [None, 'earlier'])
def test_after_an_error_all_is_as_before(tmp_path, error, earlier):
    path = tmp_path / 'a.txt'
    if earlier:
        path.write_text(earlier)
    with pytest.raises(error):
        with atomic_output(path) as partial:
            partial.write_text('half')
            raise error
    assert os.listdir(tmp_path) == ['a.txt'] * bool(earlier)
    assert not earlier or path.read_text() == earlier


def test_nothing_written_is_no_file(tmp_path):
    with atomic_output(tmp_path / 'a.txt'):
        pass
    assert os.listdir(tmp_path) == []


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / 'target.txt').write_text('earlier')
    link = tmp_path / 'link.txt'
    link.symlink_to('target.txt')
    with atomic_output(link) as partial:
        partial.write_text('new')
    assert link.is_symlink() and (tmp_path / 'target.txt').read_text() == 'new'


@pytest.mark.parametrize('name, reason', [
    ('no/a.txt', 'no folder'), ('folder', 'not a regular file'), ('fifo', 'not a regular file'),
    ('file/a.txt', 'no folder'), ('n' * 250, 'cannot write')])
def test_files_that_cannot_be_written_are_reported_before_the_work(tmp_path, name, reason):
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'file').write_text('')
    os.mkfifo(tmp_path / 'fifo')
    for attempt in (check_output, lambda path: atomic_output(path).__enter__()):
        with pytest.raises(InputError, match=reason):
            attempt(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ['fifo', 'file', 'folder']


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write everywhere')
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path):
    tmp_path.chmod(0o500)
    for attempt in (check_output, create_output_folder):
        with pytest.raises(InputError, match='may write to'):
            attempt(tmp_path / 'a')


def test_a_check_changes_nothing(tmp_path):
    check_output(tmp_path / 'a.txt')
    assert os.listdir(tmp_path) == []


def test_a_folder_is_made(tmp_path):
    assert create_output_folder(tmp_path / 'a' / 'b').is_dir()
    assert os.listdir(tmp_path / 'a' / 'b') == []
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='cannot write to the folder'):
        create_output_folder(tmp_path / 'file')
