# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The managed node: transitions over services, a hundred of them, and those that can't be made."""

from __future__ import annotations

from collections.abc import Iterator
import os
from pathlib import Path
import signal
import threading

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import pytest
from ros.processes import Listener, NodeProcess

from pose_machine_ros.errors import PoseMachineError, WeightsError
from pose_machine_ros.ros.node import PoseMachineNode


@pytest.fixture
def node(ros: None) -> Iterator[PoseMachineNode]:
    made = PoseMachineNode()
    yield made
    made.deactivate()
    made.cleanup()
    made.destroy_node()


def handles() -> int:
    return len(os.listdir('/proc/self/fd'))


def test_any_transitions_leave_nothing_behind(node: PoseMachineNode) -> None:
    node.configure()
    node.activate()  # once, for what is made but once
    node.deactivate()
    threads, files = threading.active_count(), handles()
    for _ in range(100):
        node.activate()
        assert node.state == 'active'
        node.deactivate()
        assert node.state == 'inactive'
    for _ in range(3):
        node.cleanup()
        assert node.state == 'unconfigured'
        node.configure()
    assert threading.active_count() == threads
    assert handles() <= files + 2


def test_weights_that_are_missing_refuse_to_configure_and_can_be_mended(
        node: PoseMachineNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(tmp_path))
    with pytest.raises(WeightsError, match='git checkout resource/weights'):
        node.configure()
    assert node.state == 'unconfigured'
    monkeypatch.delenv('POSE_MACHINE_WEIGHTS')
    node.configure()
    assert node.state == 'inactive'


def test_a_manager_leads_a_node_that_does_not_start_itself(ros: None) -> None:
    listener = Listener()
    process = NodeProcess('node', device='cpu', autostart='false')
    try:
        change = listener.node.create_client(ChangeState, '/pose_machine/change_state')
        ask = listener.node.create_client(GetState, '/pose_machine/get_state')
        assert change.wait_for_service(60) and ask.wait_for_service(10)

        def call(client: object, request: object) -> object:
            future = client.call_async(request)
            listener.spin_until(future.done, 60)
            return future.result()

        def state() -> str:
            return call(ask, GetState.Request()).current_state.label

        assert state() == 'unconfigured'
        for transition, after in (
                (Transition.TRANSITION_CONFIGURE, 'inactive'),
                (Transition.TRANSITION_ACTIVATE, 'active'),
                (Transition.TRANSITION_DEACTIVATE, 'inactive'),
                (Transition.TRANSITION_CLEANUP, 'unconfigured')):
            request = ChangeState.Request(transition=Transition(id=transition))
            assert call(change, request).success
            assert state() == after
        assert process.output.count('ready on cpu') == 1
        assert process.end(signal.SIGINT, 10) == 0, process.output
    finally:
        process.kill()
        listener.close()


def test_an_unexpected_error_in_a_transition_is_logged(
        node: PoseMachineNode, monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[str] = []
    monkeypatch.setattr(node.get_logger(), 'error', errors.append)
    monkeypatch.setattr(node, '_load', lambda: 1 / 0)
    with pytest.raises(PoseMachineError):
        node.configure()
    assert 'ZeroDivisionError' in errors[0] and node.state == 'unconfigured'
