# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Humble, Jazzy, Kilted and Rolling: one module handles the differences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from inspect import get_annotations
import os
from pathlib import Path
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
import rclpy

from pose_machine_ros.ros.runtime import distributions

PACKAGE = Path(__file__).parents[3] / 'pose_machine_ros'
ONLY_THERE = PACKAGE / 'ros' / 'runtime' / 'distributions.py'
FILES = [*PACKAGE.rglob('*.py'), *(PACKAGE.parent / 'launch').rglob('*.py'),
         *(PACKAGE.parent / 'examples').rglob('*.py')]
# Text that differs between distributions, which no other file contains.
DIFFERENT = ('rclpy.event_handler', 'rclpy.qos_event', 'rclpy.topic_endpoint_info',
             'rclpy.endpoint_info', 'rclpy.parameter_client', 'FASTDDS_DEFAULT_PROFILES_FILE',
             'FASTRTPS_DEFAULT_PROFILES_FILE', 'ROS_LOCALHOST_ONLY',
             'ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_DISTRO')
# Names in all of rclpy 3.3 (Humble), 7.1 (Jazzy), 9.1 (Kilted) and Rolling, from their sources.
ALIKE = {
    'rclpy': set(),
    'rclpy.clock': {'Clock', 'ClockType'},
    'rclpy.duration': {'Duration'},
    'rclpy.exceptions': {
        'InvalidNamespaceException', 'InvalidParameterTypeException',
        'InvalidParameterValueException', 'InvalidTopicNameException', 'NameValidationException',
        'ParameterException'},
    'rclpy.executors': {'ExternalShutdownException', 'SingleThreadedExecutor'},
    'rclpy.expand_topic_name': {'expand_topic_name'},
    'rclpy.impl.rcutils_logger': {'RcutilsLogger'},
    'rclpy.lifecycle': {'LifecycleNode', 'LifecycleState', 'TransitionCallbackReturn'},
    'rclpy.node': {'Node'},
    'rclpy.parameter': {'Parameter'},
    'rclpy.publisher': {'Publisher'},
    'rclpy.qos': {
        'DurabilityPolicy', 'HistoryPolicy', 'QoSCompatibility', 'QoSPolicyKind', 'QoSProfile',
        'ReliabilityPolicy', 'qos_check_compatible', 'qos_profile_sensor_data'},
    'rclpy.qos_overriding_options': {'QoSOverridingOptions'},
    'rclpy.serialization': {'deserialize_message', 'serialize_message'},
    'rclpy.service': {'Service'},
    'rclpy.signals': {'SignalHandlerOptions'},
    'rclpy.subscription': {'Subscription'},
    'rclpy.time': {'Time'},
    'rclpy.timer': {'Timer'},
    'rclpy.utilities': {'remove_ros_args'},
    'rclpy.validate_full_topic_name': {'validate_full_topic_name'},
    'rclpy.validate_namespace': {'validate_namespace'},
    'rclpy.validate_topic_name': {'validate_topic_name'},
}


def imports_of_rclpy(source: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of every import of rclpy; an empty name for a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((a.name, '') for a in node.names if a.name.split('.')[0] == 'rclpy')
        elif isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[0] == 'rclpy':
            yield from ((node.module, a.name) for a in node.names)


def test_what_differs_is_in_one_module() -> None:
    assert len(FILES) > 100
    elsewhere = {(path.name, name) for path in FILES if path != ONLY_THERE
                 for name in DIFFERENT if name in path.read_text()}
    assert not elsewhere, f'let them ask {ONLY_THERE.name}'


def test_what_is_imported_from_rclpy_is_in_every_distribution() -> None:
    found = {(path.name, *found) for path in FILES
             for found in imports_of_rclpy(path.read_text())}
    assert len(found) > 40
    unknown = {(file, module, name) for file, module, name in found
               if module not in ALIKE or name and name not in ALIKE[module]}
    assert not unknown, (f'where Humble and Rolling have them too, add them to ALIKE; else let '
                         f'{ONLY_THERE.name} tell them apart')


def test_the_search_finds_every_way_to_import() -> None:
    source = 'import rclpy.task\nfrom rclpy import node\ndef f():\n  from rclpy.qos import A, B'
    assert set(imports_of_rclpy(source)) == {
        ('rclpy.task', ''), ('rclpy', 'node'), ('rclpy.qos', 'A'), ('rclpy.qos', 'B')}


@pytest.mark.parametrize('there, asked', [
    ({'rclpy.event_handler', 'rclpy.qos_event'}, ['rclpy.event_handler']),  # since Iron
    ({'rclpy.qos_event'}, ['rclpy.event_handler', 'rclpy.qos_event'])])  # Humble
def test_event_callbacks_are_found_where_the_distribution_has_them(
        there: set[str], asked: list[str]) -> None:
    tried: list[str] = []

    def import_module(name: str) -> ModuleType:
        tried.append(name)
        if name not in there:
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)
        return SimpleNamespace(PublisherEventCallbacks=name)

    assert distributions.publisher_event_callbacks(import_module) == asked[-1]
    assert tried == asked


def test_a_broken_installation_is_not_taken_for_humble() -> None:
    def import_module(name: str) -> ModuleType:
        raise ModuleNotFoundError("No module named 'yaml'", name='yaml')

    with pytest.raises(ModuleNotFoundError, match='yaml'):
        distributions.publisher_event_callbacks(import_module)


def test_the_package_is_imported_where_event_callbacks_are_only_in_qos_event() -> None:
    """Simulates Humble: this rclpy without the module that Humble lacks."""
    program = """
import sys, types
import rclpy.lifecycle  # and all modules of rclpy that import it
from rclpy.event_handler import PublisherEventCallbacks
old = types.ModuleType('rclpy.qos_event')
old.PublisherEventCallbacks = PublisherEventCallbacks
sys.modules.update({'rclpy.qos_event': old, 'rclpy.event_handler': None})
from pose_machine_ros.ros import node
from pose_machine_ros.ros.output import output
print(type(output.NO_EVENTS).__name__)
"""
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert done.stdout == 'PublisherEventCallbacks\n', done.stderr


@pytest.mark.parametrize('distribution, variable', [
    ('humble', 'FASTRTPS_DEFAULT_PROFILES_FILE'), ('iron', 'FASTRTPS_DEFAULT_PROFILES_FILE'),
    ('jazzy', 'FASTRTPS_DEFAULT_PROFILES_FILE'), ('kilted', 'FASTDDS_DEFAULT_PROFILES_FILE'),
    ('rolling', 'FASTDDS_DEFAULT_PROFILES_FILE')])
def test_the_profile_is_named_as_fast_dds_reads_it(
        distribution: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert distributions.profile_variable(distribution) == variable
    monkeypatch.setenv('ROS_DISTRO', distribution)
    assert distributions.profile_variable() == variable


def test_the_middleware_that_runs_here_reads_the_profile(tmp_path: Path) -> None:
    profile = tmp_path / 'profile.xml'
    profile.write_text('<nonsense/>')
    others = {k: v for k, v in os.environ.items() if k not in distributions.PROFILE_VARIABLES}
    program = "import rclpy; rclpy.init(); rclpy.create_node('reader')"

    def said(variable: str) -> str:
        done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True,
                              env={**others, variable: str(profile)})
        return done.stdout + done.stderr
    assert 'XMLPARSER' in said(distributions.profile_variable())
    assert 'XMLPARSER' not in said('ANOTHER_VARIABLE')


@pytest.mark.parametrize('installed', ['jazzy', 'kilted', ''])
def test_the_distribution_of_wheels_is_known(
        installed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    monkeypatch.setattr(distributions, '_is_installed', lambda p: p == f'ros-{installed}-rclpy')
    assert distributions.current_distribution() == installed
    monkeypatch.setenv('ROS_DISTRO', 'humble')
    assert distributions.current_distribution() == 'humble'


def test_parameters_that_were_given_are_found_or_none_are(ros: None) -> None:
    node = rclpy.create_node('given', parameter_overrides=[rclpy.Parameter('a.b', value=1)])
    assert list(distributions.parameter_overrides_of(node)) == ['a.b']
    node.destroy_node()
    assert not distributions.parameter_overrides_of(SimpleNamespace())


@pytest.mark.parametrize('distribution, expected', [
    ('humble', {'ROS_LOCALHOST_ONLY': '1'}),
    ('iron', {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}),
    ('rolling', {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}),
    ('', {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'})])
def test_processes_of_this_machine_alone_are_found(
        distribution: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert distributions.local_discovery(distribution) == expected
    monkeypatch.setenv('ROS_DISTRO', distribution)
    assert distributions.local_discovery() == expected


def test_endpoint_infos_have_the_fields_that_are_read(ros: None) -> None:
    node = rclpy.create_node('endpoints')
    told = node.get_publishers_info_by_topic('/parameter_events')[0]
    assert isinstance(told.endpoint_gid, list)
    for field in get_annotations(distributions.TopicEndpointInfo):
        assert hasattr(told, field), field
    node.destroy_node()
