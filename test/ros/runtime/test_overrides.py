# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Warnings about parameters and parameter files that have no effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
import signal

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
from support.processes import NodeProcess

from pose_machine_ros.ros import parameters
from pose_machine_ros.ros.input.subscriber import CameraSubscriber, InputConfig
from pose_machine_ros.ros.runtime.overrides import (
    RENAMED, suggestion, warn_about_unknown_parameters, warn_about_unmatched_files,
    warn_about_unused_qos_overrides)
from pose_machine_ros.ros.runtime.parameter_files import ParameterFile


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def node(ros: None, warnings: list[str]) -> Iterator[Callable[..., Node]]:
    """Make nodes with parameters a, image.transport and max_people; collect their warnings."""
    nodes: list[Node] = []

    def make(namespace: str = '', **given: object) -> Node:
        made = rclpy.create_node('eye', namespace=namespace, parameter_overrides=[
            Parameter(name.replace('__', '.'), value=value) for name, value in given.items()])
        for name in ('a', 'image.transport', 'max_people'):
            made.declare_parameter(name, 1)
        made.get_logger().warning = warnings.append
        nodes.append(made)
        return made

    yield make
    for made in nodes:
        made.destroy_node()


@pytest.mark.parametrize('name, meant', [
    ('max_persons', 'max_people'), ('image__transports', 'image.transport'),
    ('transport', 'image.transport'), ('MAX_PEOPLE', 'max_people')])
def test_an_unknown_parameter_is_reported_with_the_one_that_is_meant(
        node: Callable[..., Node], warnings: list[str], name: str, meant: str) -> None:
    warn_about_unknown_parameters(node(**{name: 2}))
    told, = warnings
    assert f"{name.replace('__', '.')!r} (did you mean {meant!r}?)" in told


def test_the_new_name_of_a_renamed_parameter_is_reported(warnings: list[str], ros: None) -> None:
    made = rclpy.create_node('eye', parameter_overrides=[
        Parameter(name, value=1.0) for name in RENAMED])
    made.get_logger().warning = warnings.append
    parameters.declare(made)
    warn_about_unknown_parameters(made)
    made.destroy_node()
    told, = warnings
    assert len(RENAMED) > 5
    for old, new in RENAMED.items():
        assert old not in parameters.NAMES and new in parameters.NAMES
        assert f'{old!r} (renamed to {new!r})' in told


def test_a_renamed_parameter_of_a_node_without_the_new_one_gets_no_note() -> None:
    assert suggestion('correction.robust', ['a', 'max_people']) == ''


def test_all_unknown_parameters_are_reported_immediately(
        node: Callable[..., Node], warnings: list[str]) -> None:
    warn_about_unknown_parameters(node(zzz=1, max_persons=2, a=3))
    told, = warnings
    assert "'max_persons' (did you mean 'max_people'?), 'zzz'." in told and "'a'" not in told


def test_parameters_of_every_node_are_not_reported(
        node: Callable[..., Node], warnings: list[str]) -> None:
    given = {'a': 2, 'use_sim_time': False, 'start_type_description_service': False,
             'qos_overrides./image.subscription.depth': 3}
    warn_about_unknown_parameters(node(**given))
    assert warnings == []


def test_qos_overrides_that_no_topic_accepts_are_reported_with_the_accepted_ones(
        node: Callable[..., Node], warnings: list[str]) -> None:
    made = node(**{f'qos_overrides.{name}': 'x' for name in (
        '/imgae.subscription.depth', '/image.subscription.reliability',
        '/image.subscription.durabilty')}, **{'qos_overrides./image.subscription.depth': 3})
    camera = CameraSubscriber(made)
    for _ in range(2):  # logged once
        camera.subscribe()
        camera.unsubscribe()
    told, = warnings
    assert ('no effect: qos_overrides./image.subscription.durabilty, qos_overrides./image.'
            'subscription.reliability, qos_overrides./imgae.subscription.depth.') in told
    assert 'reliability of images is the parameter image.reliability' in told
    assert 'qos_overrides./image.subscription: depth, durability, history' in told
    assert 'qos_overrides./camera_info.subscription: depth, durability, history' in told
    camera.close()


def test_accepted_qos_overrides_are_not_reported(
        node: Callable[..., Node], warnings: list[str]) -> None:
    camera = CameraSubscriber(node(**{
        'qos_overrides./image/compressed.subscription.depth': 3, 'use_sim_time': False,
        'qos_overrides./camera_info.subscription.durability': 'transient_local'}),
        InputConfig(transport='compressed'))
    camera.subscribe()
    assert warnings == []
    camera.close()


def test_a_node_that_does_not_say_what_it_was_given_is_no_error(
        node: Callable[..., Node], warnings: list[str]) -> None:
    made = node(max_persons=2)
    del made._parameter_overrides
    warn_about_unknown_parameters(made)
    warn_about_unused_qos_overrides(made)
    assert warnings == []


def test_a_file_for_other_nodes_is_reported(
        node: Callable[..., Node], warnings: list[str]) -> None:
    nodes = [node(), node('/front')]
    for sections in (('/front/**',), ('eye', '/other'), ('/**',), ()):
        warn_about_unmatched_files([ParameterFile(Path('p.yaml'), sections)], nodes)
    assert warnings == []
    warn_about_unmatched_files([ParameterFile(Path('p.yaml'), ('eye_node', '/back/eye'))], nodes)
    told, = warnings
    assert 'p.yaml has parameters for eye_node, /back/eye but not' in told
    assert told.endswith('/eye or /front/eye or /**')
    warn_about_unmatched_files([ParameterFile(Path('p.yaml'), ('eye_node',))], [])
    assert len(warnings) == 1


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize('module, given, meant, end', [
    ('node', 'image.transports', 'image.transport', 'ready on cpu'),
    ('monitor', 'periods', 'period', '"sent"'),
    ('recorder', 'bags', 'bag', 'error: parameter bag'),
    ('video_camera', 'loops', 'loop', 'error: parameter file')])
def test_every_program_reports_unknown_parameters_and_files_for_other_nodes(
        start: Callable[..., NodeProcess], tmp_path: Path, module: str, given: str, meant: str,
        end: str) -> None:
    path = write(tmp_path / 'parameters.yaml', '/someone: {ros__parameters: {a: 1}}\n')
    device = {'device': 'cpu'} if module == 'node' else {}
    process = start(module, '--ros-args', '--params-file', path,
                    **{given.replace('.', '__'): 'raw'}, **device)
    process.wait_for_line(end)
    if end.startswith('error: '):  # a required parameter is missing
        assert process.wait() == 1
    else:
        assert process.end(signal.SIGINT) == 0
    assert f'{given!r} (did you mean {meant!r}?)' in process.output
    assert f'{path} has parameters for /someone but not for this node' in process.output
    assert 'Traceback' not in process.output


def test_the_nodes_of_several_cameras_report_them_too(
        start: Callable[..., NodeProcess], tmp_path: Path) -> None:
    rig = write(tmp_path / 'cameras.yaml', 'cameras: [{namespace: left}]\n')
    path = write(tmp_path / 'parameters.yaml', """
/left/pose_machine:
  ros__parameters: {max_persons: 2, correction: {mode: none}}
""")
    process = start('multi_camera', rig, '--ros-args', '--params-file', path, device='cpu')
    process.wait_for_line('ready on cpu, correction none')
    assert process.end(signal.SIGINT) == 0
    assert "'max_persons' (did you mean 'max_people'?)" in process.output
    assert 'none for this node' not in process.output
