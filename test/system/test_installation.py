# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What pip and colcon install, and where; both leave the executables where `ros2 run` looks."""

from __future__ import annotations

import os
from pathlib import Path
import shlex
import shutil
import stat
import subprocess
import sys

import pytest
from support.processes import PATIENCE

ROOT = Path(__file__).parents[2]
INSTALLATION = ROOT / 'docs/installation.md'
EXECUTABLES = {'fusion_node', 'multi_camera_node', 'pose_machine_node', 'recorder', 'video_camera'}
COLCON = [sys.executable, '-m', 'colcon']


@pytest.fixture(scope='module')
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the package is built from, in src/ of a workspace."""
    copy = tmp_path_factory.mktemp('workspace') / 'src/pose_machine_ros'
    copy.mkdir(parents=True)
    for name in ('CHANGELOG.rst', 'LICENSE', 'MANIFEST.in', 'NOTICE', 'package.xml',
                 'pyproject.toml', 'setup.cfg', 'setup.py'):
        shutil.copy(ROOT / name, copy)
    for name in ('config', 'launch', 'pose_machine_msgs', 'pose_machine_ros', 'resource'):
        shutil.copytree(ROOT / name, copy / name,
                        ignore=shutil.ignore_patterns('__pycache__', '*.safetensors'))
    return copy


def run(command: list[str], **settings: object) -> str:
    """Return what a command writes to stdout; it has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def site_packages(prefix: Path) -> Path:
    folder, = prefix.glob('lib/python*/site-packages')
    return folder


def check_executables(prefix: Path, also: set[str] = frozenset()) -> None:
    """Check that the executables are in lib/, and that one of them starts."""
    folder = prefix / 'lib/pose_machine_ros'
    assert {path.name for path in folder.iterdir()} == EXECUTABLES | also
    assert all(path.stat().st_mode & stat.S_IXUSR for path in folder.iterdir())
    path = f'{Path(sys.executable).parent}{os.pathsep}{os.environ["PATH"]}'
    usage = run([str(folder / 'multi_camera_node'), '--help'], env={
        **os.environ, 'PATH': path, 'PYTHONPATH': str(site_packages(prefix))})
    assert usage.startswith('usage: multi_camera_node')


def check_shared_files(prefix: Path) -> None:
    share = prefix / 'share'
    assert (share / 'ament_index/resource_index/packages/pose_machine_ros').is_file()
    assert (share / 'pose_machine_ros/package.xml').is_file()
    for folder in ('config', 'launch'):
        assert {path.name for path in (share / 'pose_machine_ros' / folder).iterdir()} == {
            path.name for path in (ROOT / folder).iterdir() if path.name != '__pycache__'}


def test_pip_puts_the_command_alone_into_bin(source: Path, tmp_path: Path) -> None:
    run([sys.executable, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check',
         '--no-deps', '--no-build-isolation', '--no-index', '--no-compile', '--ignore-installed',
         '--prefix', str(tmp_path), str(source)])
    assert [path.name for path in tmp_path.glob('bin/*')] == ['pose-machine']
    check_executables(tmp_path)
    check_shared_files(tmp_path)


def test_a_prefix_with_python_runs_it(source: Path, tmp_path: Path) -> None:
    """An executable takes the Python of its own environment, not the one in PATH."""
    folder = tmp_path / 'lib/pose_machine_ros'
    folder.mkdir(parents=True)
    (tmp_path / 'bin').mkdir()
    python = tmp_path / 'bin/python3'
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    for name in EXECUTABLES:
        script = Path(shutil.copy(source / 'resource/executables' / name, folder))
        said = run([str(script), '--ros-args', '-r', 'image:=/my image'])
        assert f'import {name}; {name}()' in said
        assert said.rstrip().endswith('--ros-args -r image:=/my image')


def test_colcon_puts_all_into_lib(source: Path, tmp_path: Path) -> None:
    pytest.importorskip('colcon_ros', reason='colcon is not installed')
    run([*COLCON, '--log-base', str(tmp_path / 'log'), 'build', '--base-paths', str(source),
         '--build-base', str(tmp_path / 'build'), '--install-base', str(tmp_path / 'install')])
    prefix = tmp_path / 'install/pose_machine_ros'
    assert not (prefix / 'bin').exists()
    check_executables(prefix, also={'pose-machine'})
    check_shared_files(prefix)
    first = (prefix / 'lib/pose_machine_ros/recorder').read_text().splitlines()[0]
    assert first == f'#!{sys.executable}'


def colcon_lines() -> dict[str, list[str]]:
    """Return the builds of a workspace in the documents, the image and the workflow, by file."""
    files = [INSTALLATION, *(path for pattern in ('Dockerfile', '.github/workflows/*')
                             for path in ROOT.glob(pattern))]
    return {str(path.relative_to(ROOT)): [
        line[line.index('colcon build'):] for line in path.read_text().splitlines()
        if 'colcon build ' in line] for path in files}


def test_the_build_line_finds_both_packages(source: Path) -> None:
    pytest.importorskip('colcon_ros', reason='colcon is not installed')
    line, = colcon_lines()['docs/installation.md']
    _, _, *arguments = shlex.split(line)
    listed = run([*COLCON, '--log-base', '/dev/null', 'list', '--topological-order', *arguments],
                 cwd=source.parents[1])
    assert [row.split('\t')[0] for row in listed.splitlines()] == [
        'pose_machine_msgs', 'pose_machine_ros']


def test_there_is_one_build_line(source: Path) -> None:
    lines = colcon_lines()
    assert all(lines.values())
    assert len({line for of_file in lines.values() for line in of_file}) == 1
