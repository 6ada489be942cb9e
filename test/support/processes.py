# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Nodes as processes of their own, and a subscriber in this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
import signal
import subprocess
import sys
import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from visualization_msgs.msg import MarkerArray

from pose_machine_msgs.msg import Skeleton3D, Skeleton3DArray, SkeletonModel

PATIENCE = 180.0  # seconds; whatever works takes less, however busy the machine is
ANSWER_SECONDS = 20.0  # after which the answer of a service is taken for lost


class NodeProcess:
    """A node of pose_machine_ros.ros in a process of its own; its output is read all the while.

    A path instead of a module's name is another program that takes ROS's arguments.
    """

    def __init__(self, module: str | Path, *arguments: object, prefix: Sequence[str] = (),
                 **values: object) -> None:
        program = [module] if isinstance(module, Path) else ['-m', 'pose_machine_ros.ros', module]
        parameters = [x for name, value in values.items()
                      for x in ('-p', f'{name.replace("__", ".")}:={value}')]
        self._process = subprocess.Popen(
            [*prefix, sys.executable, *program, *map(str, arguments), '--ros-args', *parameters],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=Path(__file__).parents[2])
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return ''.join(self.lines)

    def wait_for_line(self, part: str, timeout: float = PATIENCE) -> None:
        """Wait until a line of the output contains `part`."""
        wait_until(lambda: part in self.output or not self._reader.is_alive(), timeout,
                   lambda: f'no {part!r} in:\n{self.output}')
        assert part in self.output, f'ended without {part!r}:\n{self.output}'

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self, number: signal.Signals, timeout: float = PATIENCE) -> int:
        """Send a signal and return the exit status."""
        self.send(number)
        return self.wait(timeout)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Return the exit status."""
        status = self._process.wait(timeout)
        self._reader.join(PATIENCE)
        return status

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout:
            self.lines.append(line)


class Listener:
    """Keeps what a pose machine node of some name publishes."""

    def __init__(self, name: str = 'pose_machine') -> None:
        self.node = rclpy.create_node('listener')
        self.skeletons: list[Skeleton3DArray] = []
        self.markers: list[MarkerArray] = []
        self.models: list[SkeletonModel] = []
        create = self.node.create_subscription
        create(Skeleton3DArray, f'/{name}/skeletons', self.skeletons.append, 10)
        create(MarkerArray, f'/{name}/markers', self.markers.append, 10)
        create(SkeletonModel, f'/{name}/skeleton_model', self.models.append,
               QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)

    def add_node(self, node: Node) -> None:
        """Let a node of this process work while messages are taken."""
        self._executor.add_node(node)

    def remove_node(self, node: Node) -> None:
        """Let a node work no more."""
        self._executor.remove_node(node)

    def spin_until(self, is_done: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Take messages until `is_done`."""
        end = time.monotonic() + timeout
        while not is_done():
            assert time.monotonic() < end, (
                f'{len(self.skeletons)} skeleton messages after {timeout} s')
            self._executor.spin_once(timeout_sec=0.05)

    def call(self, kind: type, name: str, **fields: object) -> object:
        """Call a service and return its answer.

        Calls again where none comes: while both sides discover each other, one may get lost.
        """
        client = self.node.create_client(kind, name)
        assert client.wait_for_service(PATIENCE), f'there is no service {name}'
        future, due = None, 0.0

        def is_answered() -> bool:
            nonlocal future, due
            if future is None or time.monotonic() > due and not future.done():
                future = client.call_async(kind.Request(**fields))
                due = time.monotonic() + ANSWER_SECONDS
            return future.done()

        self.spin_until(is_answered)
        self.node.destroy_client(client)
        return future.result()

    def close(self) -> None:
        self._executor.shutdown()
        self.node.destroy_node()


def present(message: Skeleton3DArray) -> list[Skeleton3D]:
    """Return those of a message who are not LOST."""
    return [s for s in message.skeletons if s.tracking_state != Skeleton3D.LOST]


def wait_until(is_done: Callable[[], bool], timeout: float, complaint: Callable[[], str]) -> None:
    """Wait until `is_done`; AssertionError with the complaint after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not is_done():
        assert time.monotonic() < end, complaint()
        time.sleep(0.02)
