# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The managed node: random transitions, failing ones, and those by services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import gc
import itertools
import os
from pathlib import Path
import random
import signal

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import pytest
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from ros.faults.bench import good_photo_info, photo
from sensor_msgs.msg import CameraInfo, Image
from support.pictures import dark_image
from support.processes import Listener, NodeProcess, present
import torch

from pose_machine_msgs.msg import Skeleton3D, Skeleton3DArray
from pose_machine_ros.devices import release_memory
from pose_machine_ros.errors import InputError, PoseMachineError, WeightsError
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.networks import Networks
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.weights import weights_folder


@pytest.fixture
def node(ros: None) -> Iterator[PoseMachineNode]:
    made = PoseMachineNode()
    yield made
    made.deactivate()
    made.cleanup()
    made.destroy_node()


LEGAL = {'unconfigured': {'configure': 3, 'shutdown': 1},  # with weights: loading is slow
         'inactive': {'activate': 8, 'cleanup': 1, 'shutdown': 1},
         'active': {'deactivate': 9, 'shutdown': 1}, 'finalized': {}}
AFTER = {'configure': 'inactive', 'activate': 'active', 'deactivate': 'inactive',
         'cleanup': 'unconfigured', 'shutdown': 'finalized'}
FREED_MB = 40  # at least, by a cleanup; a configured node has about ten times as much
# Growth of the process for each configuration. The networks alone have ten times as much.
# Fragmentation in a process that ran other tests before is far less.
GROWTH_MB = 10


@dataclass
class Footprint:
    """Resources of this process."""

    threads: int
    handles: int
    machines: int  # pose machines that were not freed
    megabytes: int

    @classmethod
    def now(cls) -> Footprint:
        gc.collect()
        release_memory()  # without it, the allocator keeps what is free
        resident = int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGESIZE')
        return cls(len(os.listdir('/proc/self/task')), len(os.listdir('/proc/self/fd')),
                   sum(type(x) in (PoseMachine, Networks) for x in gc.get_objects()),
                   resident >> 20)


def test_any_hundred_transitions_leave_nothing_behind(listener: Listener) -> None:
    """In several nodes, one after another; some of them process an image."""
    images = listener.node.create_publisher(Image, 'image', qos_profile_sensor_data)
    seconds = itertools.count(1)

    def answered() -> bool:
        images.publish(dark_image(seconds=next(seconds)))
        return bool(listener.skeletons)

    def walk(transitions: Iterable[str]) -> None:
        """Make a node, trigger the transitions, and destroy it."""
        node = PoseMachineNode()
        listener.add_node(node)
        for transition in transitions:
            assert getattr(node, f'trigger_{transition}')() == TransitionCallbackReturn.SUCCESS
            if node.state == 'active' and next(seconds) % 7 == 0:
                listener.skeletons.clear()
                listener.spin_until(answered)
        listener.remove_node(node)
        node.destroy_node()

    # Warm up: some resources are created once per process
    everything = ('configure', 'activate', 'deactivate', 'cleanup', 'configure', 'activate')
    walk((*everything, 'deactivate', 'cleanup'))
    before = Footprint.now()
    chance, count, configurations = random.Random(1), 0, 1
    while count < 100:
        walk_of_one, state = [], 'unconfigured'
        while LEGAL[state]:
            walk_of_one += chance.choices(list(LEGAL[state]), LEGAL[state].values())
            state = AFTER[walk_of_one[-1]]
        walk(walk_of_one)
        count += len(walk_of_one)
        configurations += walk_of_one.count('configure')
    walk((*everything, 'deactivate', 'cleanup'))
    after = Footprint.now()
    assert after.threads <= before.threads and after.handles <= before.handles
    assert after.machines <= before.machines
    assert configurations > 10
    assert after.megabytes <= before.megabytes + GROWTH_MB * configurations


def test_cleaning_up_frees_the_networks(node: PoseMachineNode) -> None:
    for _ in range(2):
        node.configure()
        configured, on_gpu = Footprint.now(), torch.cuda.memory_reserved()
        node.cleanup()
        if on_gpu:
            assert torch.cuda.memory_reserved() < on_gpu
        else:
            assert Footprint.now().megabytes < configured.megabytes - FREED_MB


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the node load its weights from a copy of their folder."""
    folder = tmp_path / 'weights'
    folder.mkdir()
    for file in weights_folder().iterdir():
        (folder / file.name).symlink_to(file)
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(folder))
    return folder


@pytest.mark.parametrize('name', ['lifter', 'movenet_thunder', 'movenet_multipose'])
@pytest.mark.parametrize('damage', ['missing', 'damaged'])
def test_weights_that_are_not_usable_refuse_to_configure_and_can_be_repaired(
        node: PoseMachineNode, weights: Path, name: str, damage: str) -> None:
    path = weights / f'{name}.safetensors'
    whole = path.read_bytes()
    path.unlink()
    if damage == 'damaged':
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(WeightsError, match=f'{name}.*{damage}.*git checkout resource/weights'):
        node.configure()
    assert node.state == 'unconfigured'
    path.write_bytes(whole)
    node.configure()
    assert node.state == 'inactive'


@pytest.mark.parametrize('topic, step, state', [
    ('/pose_machine/skeletons.publisher', 'configure', 'unconfigured'),
    ('/diagnostics.publisher', 'configure', 'unconfigured'),
    ('/image.subscription', 'activate', 'inactive')])
def test_an_override_that_cannot_be_used_refuses_the_transition(
        ros: None, topic: str, step: str, state: str) -> None:
    node = PoseMachineNode(parameter_overrides=[
        Parameter(f'qos_overrides.{topic}.history', value='newest')])
    try:
        if step == 'activate':
            node.configure()
        before = {*node.publishers, *node.subscriptions}
        for _ in range(2):
            with pytest.raises(InputError, match='newest.*qos_overrides'):
                getattr(node, step)()
            assert node.state == state
            assert {*node.publishers, *node.subscriptions} == before
    finally:
        node.cleanup()
        node.destroy_node()


def test_what_was_known_of_camera_and_people_outlasts_a_rest(
        node: PoseMachineNode, listener: Listener) -> None:
    """One camera_info is enough, and ids are never reused, not even after a cleanup."""
    listener.add_node(node)
    images = listener.node.create_publisher(Image, 'image', qos_profile_sensor_data)
    infos = listener.node.create_publisher(CameraInfo, 'camera_info', qos_profile_sensor_data)
    seconds = itertools.count(1)

    def seen() -> Skeleton3DArray:
        """Publish the photograph until a result has people; return it."""
        listener.skeletons.clear()

        def is_told() -> bool:
            message = photo()
            message.header.stamp.sec = next(seconds)
            images.publish(message)
            if node.state == 'active' and not known:
                infos.publish(good_photo_info())
            return any(map(present, listener.skeletons))
        listener.spin_until(is_told)
        return next(m for m in listener.skeletons if present(m))

    known: set[str] = set()
    node.configure()
    node.activate()
    listener.spin_until(lambda: images.get_subscription_count() and infos.get_subscription_count())
    first = seen()
    known |= {s.id for s in first.skeletons}
    node.deactivate()
    node.activate()
    second = seen()
    assert {s.space for s in second.skeletons} == {Skeleton3D.CAMERA_METRIC}
    assert not {s.id for s in present(second)} & known
    known |= {s.id for s in second.skeletons}
    node.deactivate()
    node.cleanup()
    node.configure()
    node.activate()
    assert not {s.id for s in present(seen())} & known
    listener.remove_node(node)


def test_a_manager_leads_a_node_that_does_not_start_itself(ros: None) -> None:
    listener = Listener()
    process = NodeProcess('node', device='cpu', autostart='false')
    try:
        def state() -> str:
            return listener.call(GetState, '/pose_machine/get_state').current_state.label

        def change(transition: int) -> bool:
            """Return whether it succeeded; False also if the first response got lost."""
            return listener.call(ChangeState, '/pose_machine/change_state',
                                 transition=Transition(id=transition)).success

        assert state() == 'unconfigured'
        for transition, after in (
                (Transition.TRANSITION_CONFIGURE, 'inactive'),
                (Transition.TRANSITION_ACTIVATE, 'active'),
                (Transition.TRANSITION_DEACTIVATE, 'inactive'),
                (Transition.TRANSITION_CLEANUP, 'unconfigured')):
            assert change(transition) or state() == after
            assert state() == after
        assert process.output.count('ready on cpu') == 1
        assert process.end(signal.SIGINT) == 0, process.output
    finally:
        process.kill()
        listener.close()


def test_an_unexpected_error_in_a_transition_is_logged_or_raised_to_the_caller(
        node: PoseMachineNode, monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[str] = []
    monkeypatch.setattr(node.get_logger(), 'error', errors.append)
    monkeypatch.setattr(node, '_do_configure', lambda: 1 / 0)
    with pytest.raises(PoseMachineError, match='ZeroDivisionError'):
        node.configure()
    assert not errors and node.state == 'unconfigured'
    node.trigger_configure()  # like a lifecycle manager
    assert 'ZeroDivisionError' in errors[0] and node.state == 'unconfigured'
