# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A managed node: its transitions as ROS 2's lifecycle has them, and as plain calls."""

from __future__ import annotations

from collections.abc import Callable
import traceback

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from pose_machine_ros.errors import PoseMachineError

_DONE, _REFUSED = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class ManagedNode(LifecycleNode):
    """Goes through its states by itself, or as a lifecycle manager says.

    A node overrides `_load` and `_unload`, `_begin` and `_end`. `_unload` and `_end` must also do
    after a `_load` or `_begin` that broke off. A PoseMachineError in one of them refuses the
    transition, and is logged.
    """

    def __init__(self, name: str, **options: object) -> None:
        """Make the node; `options` are rclpy's."""
        super().__init__(name, **options)
        self.starts_itself = True  # False: `configure` and `activate` are left to a manager
        self._is_starting = False
        self._problem: PoseMachineError | None = None

    def configure(self) -> None:
        """Configure, unless that is a manager's; raises the PoseMachineError that forbids it."""
        self._start_by(self.trigger_configure)

    def activate(self) -> None:
        """Activate, unless that is a manager's."""
        self._start_by(self.trigger_activate)

    def deactivate(self) -> None:
        """Deactivate, where the node is active."""
        if self.state == 'active':
            self.trigger_deactivate()

    def cleanup(self) -> None:
        """Clean up, where the node is configured and not active."""
        if self.state == 'inactive':
            self.trigger_cleanup()

    @property
    def state(self) -> str:
        """Return the state's name: unconfigured, inactive, active, finalized."""
        return self._state_machine.current_state[1]

    def destroy_node(self) -> None:
        """Destroy the node, and its lifecycle services with it.

        rclpy leaves the state machine, which holds them, to the garbage collector; until it comes
        by, others find services that nobody answers.
        """
        super().destroy_node()
        for name in [n for n in vars(self) if n.startswith('_service_')]:
            delattr(self, name)
        del self._state_machine

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self._load, self._unload)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self._begin, self._end)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._end()
        return _DONE

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._unload()
        return _DONE

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        if state.label == 'active':
            self._end()
        self._unload()
        return _DONE

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._end()
        self._unload()
        return _DONE

    def _load(self) -> None:
        """Get all that takes long or may be missing."""

    def _unload(self) -> None:
        """Let go of it."""

    def _begin(self) -> None:
        """Subscribe, and begin to work."""

    def _end(self) -> None:
        """Stop working."""

    def _start_by(self, trigger: Callable[[], TransitionCallbackReturn]) -> None:
        if not self.starts_itself:
            return
        self._problem, self._is_starting = None, True
        try:
            is_done = trigger() == _DONE
        finally:
            self._is_starting = False
        if not is_done:
            raise self._problem or PoseMachineError(f'{self.get_name()} could not start')

    def _attempt(self, step: Callable[[], None],
                 undo: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            step()
        except PoseMachineError as error:
            self._problem = error
            self.get_logger().error(str(error))
            undo()
            return _REFUSED
        except Exception:  # rclpy moves to the error state, and keeps the reason to itself
            reason = traceback.format_exc()
            if self._is_starting:  # whoever starts it gets the reason
                self._problem = PoseMachineError(reason)
            else:
                self.get_logger().error(reason)
            raise
        return _DONE
