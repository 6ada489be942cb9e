# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM at any moment: the process shuts down cleanly, with its child processes.

A shutdown that takes too long ends with another exit status.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import random
import signal
import time

import psutil
import pytest
from support.clips import write_clip
from support.processes import Listener, NodeProcess, PATIENCE, wait_until


def end_in_order(process: NodeProcess, number: signal.Signals) -> None:
    """Send a signal; assert that the process and all its children end without an error."""
    family = psutil.Process(process.pid).children(recursive=True)
    assert process.end(number) == 0, process.output
    assert 'Traceback' not in process.output
    assert not psutil.wait_procs(family, PATIENCE)[1]


def takes_signals(process: NodeProcess) -> bool:
    """Return whether the program has installed its signal handlers."""
    status = Path(f'/proc/{process.pid}/status').read_text()
    caught = int(next(x for x in status.splitlines() if x.startswith('SigCgt')).split()[1], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.chance
@pytest.mark.parametrize('number, begin', [
    (signal.SIGINT, 0.0), (signal.SIGTERM, 0.0), (signal.SIGINT, 1.0), (signal.SIGTERM, 2.0)])
def test_a_signal_while_starting(start: Callable[..., NodeProcess], number: signal.Signals,
                                 begin: float) -> None:
    """From the first line, long before torch is imported, to the loading of the networks."""
    moment = begin + random.uniform(0, 1)
    print(f'{moment:.3f} s after the first line')  # shown if the test fails
    process = start('node', device='cpu')
    wait_until(lambda: takes_signals(process), PATIENCE, lambda: 'it does not take signals')
    time.sleep(moment)
    end_in_order(process, number)


def test_a_signal_while_the_networks_are_loaded(start: Callable[..., NodeProcess]) -> None:
    process = start('node', device='cpu')
    wait_until(lambda: 'libfastrtps' in _libraries(process) or 'ready on' in process.output,
               PATIENCE, lambda: process.output)
    end_in_order(process, signal.SIGINT)


@pytest.mark.chance
def test_a_signal_while_at_work(start: Callable[..., NodeProcess], listener: Listener,
                                tmp_path: Path) -> None:
    node = start('node', device='cpu')
    node.wait_for_line('ready on')
    camera = start('video_camera', file=write_clip(tmp_path / 'clip.avi', 40), loop='true',
                   rate=30.0, wait_for_subscribers=1)
    camera.wait_for_line('playing')
    time.sleep(random.uniform(0, 2))
    names = listener.node.get_node_names
    listener.spin_until(lambda: {'pose_machine', 'video_camera'} <= set(names()))
    end_in_order(node, signal.SIGTERM)
    end_in_order(camera, signal.SIGTERM)
    listener.spin_until(lambda: names() == ['listener'])  # other nodes see that they left


@pytest.mark.chance
def test_a_signal_before_the_first_line_ends_the_process(start: Callable[..., NodeProcess]) -> None:
    """Python itself is still starting: the signal, or a message of Python, ends it."""
    for _ in range(3):
        process = start('node', device='cpu')
        time.sleep(random.uniform(0, 0.1))
        process.end(signal.SIGTERM)


def test_repeated_signals_do_not_interrupt_the_shutdown(start: Callable[..., NodeProcess]) -> None:
    process = start('node', device='cpu')
    process.wait_for_line('ready on')
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        process.send(number)
    end_in_order(process, signal.SIGTERM)


def _libraries(process: NodeProcess) -> str:
    return Path(f'/proc/{process.pid}/maps').read_text()
