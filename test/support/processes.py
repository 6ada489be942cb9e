# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Node processes, and a listener in this process."""

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

PATIENCE = 180.0  # seconds; longer than any success takes on a slow machine
ANSWER_SECONDS = 20.0  # after which a service response counts as lost


class NodeProcess:
    """A node in a process of its own; its output is in `lines`.

    `module` is the name of an executable of pose_machine_ros.ros, or the path of another Python
    program that takes ROS arguments. In the names of parameters `__` stands for a dot.
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
        """Send a signal, wait, and return the exit status."""
        self.send(number)
        return self.wait(timeout)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for the end, and return the exit status."""
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
    """Keeps the results of the pose machine node with this name."""

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
        """Spin a node of this process as well."""
        self._executor.add_node(node)

    def remove_node(self, node: Node) -> None:
        """Stop spinning a node."""
        self._executor.remove_node(node)

    def spin_until(self, is_done: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Spin until `is_done`; AssertionError after `timeout` seconds."""
        end = time.monotonic() + timeout
        while not is_done():
            assert time.monotonic() < end, (
                f'{len(self.skeletons)} skeleton messages after {timeout} s')
            self._executor.spin_once(timeout_sec=0.05)

    def call(self, kind: type, name: str, **fields: object) -> object:
        """Call a service and return its response.

        Calls again without a response: one may get lost during discovery.
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
    """Return the skeletons of a message that are not LOST."""
    return [s for s in message.skeletons if s.tracking_state != Skeleton3D.LOST]


def wait_until(is_done: Callable[[], bool], timeout: float, complaint: Callable[[], str]) -> None:
    """Wait until `is_done`; AssertionError with `complaint()` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not is_done():
        assert time.monotonic() < end, complaint()
        time.sleep(0.02)
