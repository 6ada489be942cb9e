# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Parameter files: the nodes that they match, as in rcl, and their errors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import rclpy

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.runtime.parameter_files import parameter_files, ParameterFile

CONFIG = Path(__file__).parents[3] / 'config' / 'pose_machine.yaml'
NAMES = ('/eye', '/front/eye', '/front/upper/eye', '/other')


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / 'parameters.yaml'
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize('section', [
    '/**', '**', '/*', '*', '/eye', 'eye', '/front/eye', 'front/eye', '/front/*', '/front/**',
    '/*/eye', '/**/eye', '/front', '/front/**/eye', '/*/*/eye'])
def test_a_section_is_for_the_nodes_that_read_it(
        ros: None, tmp_path: Path, section: str) -> None:
    path = written(tmp_path, f"'{section}':\n  ros__parameters:\n    a: 1\n")
    file = ParameterFile.read(path)
    for name in NAMES:
        namespace, _, base = name.rpartition('/')
        node = rclpy.create_node(base, namespace=namespace, cli_args=[
            '--ros-args', '--params-file', str(path)], allow_undeclared_parameters=True,
            automatically_declare_parameters_from_overrides=True)
        assert file.is_for(name) == node.has_parameter('a'), name
        node.destroy_node()


@pytest.mark.parametrize('text, sections', [
    ('', ()), ('# all of it is a comment\n', ()),
    ('/**:\n  ros__parameters:\n    a: {b: 1}\n', ('/**',)),
    ('front:\n  eye:\n    ros__parameters: {a: 1}\n/**: {ros__parameters: {a: 2}}\n',
     ('front/eye', '/**')),
    ('/**: {ros__parameters: {a: 1}}\n---\neye: {ros__parameters: {a: 1}}\n', ('/**', 'eye'))])
def test_the_sections_of_a_file(tmp_path: Path, text: str, sections: tuple[str, ...]) -> None:
    assert ParameterFile.read(written(tmp_path, text)).sections == sections


def test_the_file_of_this_package_is_for_every_node() -> None:
    file = ParameterFile.read(CONFIG)
    assert file.sections == ('/**',) and all(file.is_for(name) for name in NAMES)


@pytest.mark.parametrize('text, complaint', [
    ('eye:\n  max_people: 2\n', "line 2 has 'max_people' outside of ros__parameters;"),
    ('max_people: 2\n', "line 1 has 'max_people' outside of ros__parameters"),
    ('/**:\n  ros_parameters:\n    a: 1\n', "write 'ros__parameters' instead of 'ros_parameters'"),
    ('eye: {ros__parameters: {a: 1}}\nother: {a: 1}\n', "line 2 has 'a' outside"),
    ('ros__parameters:\n  a: 1\n', 'line 1 has ros__parameters without the name of a node'),
    ('/**:\n  ros__parameters:\n', 'line 2 has ros__parameters without parameters below it'),
    ('/**:\n  ros__parameters: 3\n', 'line 2 has ros__parameters without parameters below it'),
    ('/**:\n  ros__parameters: {a: &x 1, b: *x}\n', r'line 2 has an alias \(\*x\)'),
    ('&x {eye: *x}\n', r'line 1 has an alias \(\*x\)'),
    ('/**:\n\tros__parameters:\n', 'line 2 is not valid YAML'),
    ('/**: "unclosed\n', 'is not valid YAML'),
    ('[1, 2]\n', 'line 1 names no node'),
    ('some text\n', 'line 1 names no node'),
    (b'\x00\x01\x02binary', 'is not valid YAML'),
    ('[' * 2_000, 'is not valid YAML')])
def test_what_is_no_parameter_file_is_refused_with_the_line_and_the_right_shape(
        tmp_path: Path, text: str | bytes, complaint: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=complaint) as error:
        ParameterFile.read(path)
    assert str(error.value).startswith(f'{path} is not a parameter file: ')
    assert str(error.value).endswith('"/**:", "  ros__parameters:", "    NAME: VALUE"')
    assert '\n' not in str(error.value) and len(str(error.value)) < 500


def test_the_shape_that_is_named_is_right(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        ParameterFile.read(written(tmp_path, 'text'))
    lines = str(error.value).partition('in three lines: ')[2].split(', ')
    shape = ''.join(line.strip('"') + '\n' for line in lines)
    assert ParameterFile.read(written(tmp_path, shape)).sections == ('/**',)


def test_the_files_that_arguments_name(tmp_path: Path) -> None:
    path = written(tmp_path, '/**: {ros__parameters: {a: 1}}\n')
    assert [file.path for file in parameter_files([
        'program', '--params-file', 'not_for_ros.yaml', '--ros-args', '-p', 'a:=1',
        '--params-file', str(path), '--', '--params-file', 'not_for_ros.yaml', '--ros-args',
        '--params-file', str(path), '--params-file'])] == [path, path]


@pytest.mark.parametrize('name, complaint', [('missing.yaml', 'No such file'), ('', 'directory')])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, complaint: str) -> None:
    path = tmp_path / name
    with pytest.raises(InputError, match=f'parameter file {path} cannot be read: .*{complaint}'):
        parameter_files(['--ros-args', '--params-file', str(path)])


def test_a_pipe_is_left_to_ros(tmp_path: Path) -> None:
    path = tmp_path / 'pipe'
    os.mkfifo(path)
    assert parameter_files(['--ros-args', '--params-file', str(path)]) == []
