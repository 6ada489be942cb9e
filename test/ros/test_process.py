# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes as processes: callbacks that fail, and ends that hang."""

from __future__ import annotations

from pathlib import Path
import signal
import time

from ros.processes import NodeProcess

PROGRAM = """
import time
import rclpy.node
from pose_machine_ros.ros.process import run_node

class Restless(rclpy.node.Node):
    def __init__(self):
        super().__init__('restless')
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

def load():  # as compiled code does that takes whatever comes up in it for a failure of its own
    print('at work', flush=True)
    try:
        time.sleep(1000)
    except BaseException as error:
        raise ImportError('initialization failed') from error

raise SystemExit(run_node(Restless))
"""


def start(tmp_path: Path, call: str = 'pass', deactivate: str = 'pass',
          configure: str = 'pass') -> NodeProcess:
    path = tmp_path / 'program.py'
    path.write_text(PROGRAM.format(call=call, deactivate=deactivate, configure=configure))
    process = NodeProcess(path)
    process.wait_for_line('at work')
    return process


def test_a_callback_that_fails_costs_that_call_alone(ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, call='1 / 0')
    assert process.end(signal.SIGINT) == 0
    assert process.output.count('callback failed') < 20  # told once in five seconds
    assert 'ZeroDivisionError' in process.output


def test_an_end_that_hangs_is_forced_and_shows_where(ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, deactivate='time.sleep(1000)')
    begin = time.monotonic()
    assert process.end(signal.SIGTERM) == 1
    assert time.monotonic() - begin > 3  # an end in order has its time
    assert 'in deactivate' in process.output


def test_a_signal_that_loading_takes_for_a_failure_ends_it_all_the_same(
        ros: None, tmp_path: Path) -> None:
    process = start(tmp_path, configure='load()')
    assert process.end(signal.SIGTERM) == 0
    assert 'ImportError' not in process.output
