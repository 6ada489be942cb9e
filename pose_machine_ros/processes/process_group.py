# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Node processes that work together in a ROS domain of their own."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from pose_machine_ros.processes.domain import private_environment
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.signals import defer_signals


class ProcessGroup:
    """Starts node processes; at the end of the `with` block, those that still run are ended.

    Processes end in reverse order of their start, also after an error or a signal.
    """

    def __init__(self) -> None:
        self._environment = private_environment()
        self._processes: list[NodeProcess] = []
        self._stack = ExitStack()

    def __enter__(self) -> ProcessGroup:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)

    def start(self, module: str | Path, **parameters: object) -> NodeProcess:
        """Start a node with ROS parameters; `module` as in `NodeProcess`."""
        with defer_signals():  # a process that is half started could not be ended
            process = NodeProcess(module, self._environment, **parameters)
            self._processes.append(process)
            self._stack.callback(process.stop)
        return process

    def check_running(self, *processes: NodeProcess) -> None:
        """Raise InputError with the end of its output for a process that has ended.

        Checks the given processes, by default all of the group.
        """
        for process in processes or self._processes:
            if not process.is_running:
                raise process.failure('died')

    def stop(self) -> None:
        """End all processes in reverse order of their start.

        Raises InputError with the end of its output for the first one that fails.
        """
        for process in reversed(self._processes):
            if status := process.stop():
                raise process.failure(f'ended with status {status}')
