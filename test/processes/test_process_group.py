# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A group starts and ends real processes, and quotes the output of one that fails."""

from __future__ import annotations

import os
from pathlib import Path
import signal

import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.process_group import ProcessGroup

# Notes its end in a file, so that the order of several ends is known.
PROGRAM = """
import os, signal, sys, time

parameters = dict(x.split(':=') for x in sys.argv if ':=' in x)

def end(*_):
    with open(parameters['log'], 'a') as file:
        print(parameters['name'], file=file)
    print('ended in an orderly way')
    sys.exit(int(parameters.get('status', 0)))

signal.signal(signal.SIGINT, end)
print('domain', os.environ['ROS_DOMAIN_ID'])
print('ready')
if 'dies' in parameters:
    print('no camera')
    sys.exit(3)
while True:
    time.sleep(0.01)
"""
SECONDS = 60.0


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / 'log'


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / 'program.py'
    path.write_text(PROGRAM)
    return path


def is_alive(pid: int) -> bool:
    return Path(f'/proc/{pid}').exists()


def start_three(group: ProcessGroup, program: Path, log: Path, **last: object) -> list:
    started = [group.start(program, name=name, log=log, **(last if name == 'c' else {}))
               for name in 'abc']
    for process in started:
        process.wait_for('ready', SECONDS)
    return started


def test_the_processes_end_with_the_block_in_reverse_order(program: Path, log: Path) -> None:
    with ProcessGroup() as group:
        started = start_three(group, program, log)
        group.check_running()
        assert all(is_alive(p.pid) for p in started)
    assert log.read_text().split() == ['c', 'b', 'a']
    assert not any(p.is_running or is_alive(p.pid) for p in started)


@pytest.mark.parametrize('error', [ValueError, KeyboardInterrupt])
def test_the_processes_end_after_an_error(
        program: Path, log: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        with ProcessGroup() as group:
            started = start_three(group, program, log)
            raise error
    assert log.read_text().split() == ['c', 'b', 'a']
    assert not any(p.is_running for p in started)


def test_the_processes_share_a_domain(program: Path, log: Path) -> None:
    with ProcessGroup() as group:
        domains = {p.wait_for(r'domain (\d+)', 0)[1] for p in start_three(group, program, log)}
    assert len(domains) == 1


def test_stopping_reports_the_process_that_failed(program: Path, log: Path) -> None:
    with pytest.raises(InputError, match='program ended with status 7; the end of its output:\n'
                       '(.*\n)*ended in an orderly way'):
        with ProcessGroup() as group:
            start_three(group, program, log, status=7)
            group.stop()
    assert sorted(log.read_text().split()) == ['a', 'b', 'c']


def test_stopping_returns_if_all_end_well(program: Path, log: Path) -> None:
    with ProcessGroup() as group:
        started = start_three(group, program, log)
        group.stop()
        assert not any(p.is_running for p in started)
    assert log.read_text().split() == ['c', 'b', 'a']  # each was ended once


def test_a_process_that_died_is_reported_with_its_output(program: Path, log: Path) -> None:
    with ProcessGroup() as group:
        well = group.start(program, name='a', log=log)
        well.wait_for('ready', SECONDS)
        dead = group.start(program, name='b', log=log, dies=1)
        dead.wait_for('no camera', SECONDS)
        assert dead.stop() == 3
        group.check_running(well)
        for processes in ((), (dead,), (well, dead)):
            with pytest.raises(InputError, match='program died; the end of its output:\n'
                               '(.*\n)*no camera'):
                group.check_running(*processes)


def test_a_process_that_says_something_else_is_reported(program: Path, log: Path) -> None:
    with ProcessGroup() as group:
        process = start_three(group, program, log)[0]
        with pytest.raises(InputError, match="did not print 'done'(.*\n)*ready"):
            process.wait_for('done', 0.1)


def test_a_signal_during_a_start_comes_after_it(
        program: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    started: list[NodeProcess] = []

    def start_and_interrupt(self: NodeProcess, *arguments: object, **options: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        initialize(self, *arguments, **options)
        started.append(self)

    initialize = NodeProcess.__init__
    try:
        with pytest.raises(KeyboardInterrupt):
            with ProcessGroup() as group:
                monkeypatch.setattr(NodeProcess, '__init__', start_and_interrupt)
                group.start(program, name='a', log=log)
        assert len(started) == 1 and not started[0].is_running
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
