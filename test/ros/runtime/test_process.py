# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes as processes: failing callbacks, shutdowns that hang, invalid arguments."""

from __future__ import annotations

from pathlib import Path
import re
import signal
import time

import pytest
from support.processes import NodeProcess

PROGRAM = """
import time
import rclpy.node
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.runtime.process import run_node

class Restless(rclpy.node.Node):
    def __init__(self):
        super().__init__('{name}')
        self.calls = 0

    def configure(self):
        self.create_timer(0.01, self.call)
        {configure}

    def call(self):
        self.calls += 1
        if self.calls == 20:
            print('at work', flush=True)
        {call}

    def activate(self): pass
    def deactivate(self): {deactivate}
    def cleanup(self): pass

def load():  # like compiled code that replaces any exception by its own
    print('at work', flush=True)
    try:
        time.sleep(1000)
    except BaseException as error:
        raise ImportError('initialization failed') from error

raise SystemExit(run_node(Restless))
"""


def start(tmp_path: Path, call: str = 'pass', deactivate: str = 'pass',
          configure: str = 'pass', name: str = 'restless',
          first_line: str = 'at work') -> NodeProcess:
    path = tmp_path / 'program.py'
    path.write_text(PROGRAM.format(call=call, deactivate=deactivate, configure=configure,
                                   name=name))
    process = NodeProcess(path)
    process.wait_for_line(first_line)
    return process


def test_a_callback_that_fails_costs_that_call_alone(ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, call='1 / 0')
    assert process.end(signal.SIGINT) == 0
    assert process.output.count('callback failed') < 20  # logged once in five seconds
    assert 'ZeroDivisionError' in process.output


def test_an_end_that_hangs_is_forced_and_shows_where(ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, deactivate='time.sleep(1000)')
    begin = time.monotonic()
    assert process.end(signal.SIGTERM) == 1
    assert time.monotonic() - begin > 3  # a clean shutdown has some time
    assert 'in deactivate' in process.output


def test_a_signal_that_loading_reports_as_a_failure_ends_the_node(
        ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, configure='load()')
    assert process.end(signal.SIGTERM) == 0
    assert 'ImportError' not in process.output


@pytest.mark.parametrize('text, complaint', [
    ('max_people: 2\n', "line 1 has 'max_people' outside of ros__parameters; write it in three"),
    ('/**:\n\tros__parameters:\n', 'line 2 is not valid YAML'),
    (None, 'cannot be read: No such file'),
    ('/**: {ros__parameters: {period: soon}}\n', "'period' to 'soon' of type 'STRING'.*like 1.0"),
    ('/**: {ros__parameters: {use_sim_time: 3}}\n', "'use_sim_time' to '3'.*a BOOL like true")])
def test_a_parameter_file_that_is_wrong_is_one_line(
        ros: None, tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / 'parameters.yaml'
    if text is not None:
        path.write_text(text)
    process = NodeProcess('monitor', '--ros-args', '--params-file', path)
    assert process.wait() == 1
    assert process.output.count('\n') == 1 and process.output.startswith('error: ')
    assert re.search(complaint, process.output) and str(path) in process.output


@pytest.mark.parametrize('arguments, complaint', [
    (('--params-file', '{path}'), 'parameters.yaml.*line_num 1'),
    (('--unknown',), r"unknown arguments \['--unknown'\]"),
    (('-p', 'period'), "'-p period'"),
    (('-r', '__node:=bad-name'), "'-r __node:=bad-name'"),
    (('--log-level', 'nonsense'), 'nonsense')])
def test_arguments_that_ros_refuses_are_no_traceback(
        ros: None, tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    path = tmp_path / 'parameters.yaml'
    path.write_text('/**: {ros__parameters: {a: [1, two]}}\n')  # YAML, and of two types
    process = NodeProcess('monitor', '--ros-args', *(a.format(path=path) for a in arguments))
    assert process.wait() == 1
    *of_ros, line = process.lines
    assert line.startswith('error: ') and re.search(complaint, line)
    assert '/src/' not in line
    assert all('[rcl]' in before for before in of_ros)


def test_a_node_that_ros_refuses_is_no_traceback(ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, name='bad-name', first_line='error: ')
    assert process.wait() == 1
    assert 'Invalid node name' in process.output and 'Traceback' not in process.output


def test_a_mistake_of_a_user_in_a_callback_is_one_line(ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, call="raise InputError('depth is no picture')")
    assert process.end(signal.SIGINT) == 0
    assert process.output.count('depth is no picture') == 1
    assert 'Traceback' not in process.output
