# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A managed (lifecycle) node whose transitions are also plain methods."""

from __future__ import annotations

from collections.abc import Callable
import traceback

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from pose_machine_ros.errors import PoseMachineError

_DONE, _REFUSED = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class ManagedNode(LifecycleNode):
    """Makes its transitions by itself, or leaves them to a lifecycle manager.

    Subclasses override `_do_configure`, `_do_cleanup`, `_do_activate` and `_do_deactivate`.
    `_do_cleanup` must also work after a `_do_configure` that failed halfway, and `_do_deactivate`
    after such a `_do_activate`. A PoseMachineError is logged and makes the transition fail.
    """

    def __init__(self, name: str, **options: object) -> None:
        """Make the node; `options` are those of an rclpy node."""
        super().__init__(name, **options)
        self.autostart = True  # False: a lifecycle manager configures and activates it
        self._is_starting = False
        self._failure: PoseMachineError | None = None

    def configure(self) -> None:
        """Configure if `autostart` is true; raises the PoseMachineError of a failure."""
        self._start_by(self.trigger_configure)

    def activate(self) -> None:
        """Activate if `autostart` is true; raises the PoseMachineError of a failure."""
        self._start_by(self.trigger_activate)

    def deactivate(self) -> None:
        """Deactivate the node if it is active."""
        if self.state == 'active':
            self.trigger_deactivate()

    def cleanup(self) -> None:
        """Clean up the node if it is inactive."""
        if self.state == 'inactive':
            self.trigger_cleanup()

    @property
    def state(self) -> str:
        """Name of the state: unconfigured, inactive, active or finalized."""
        return self._state_machine.current_state[1]

    def destroy_node(self) -> None:
        """Destroy the node, and its lifecycle services with it.

        rclpy leaves the state machine, which holds them, to the garbage collector. Until that runs,
        other nodes discover services that nothing answers.
        """
        super().destroy_node()
        for name in [n for n in vars(self) if n.startswith('_service_')]:
            delattr(self, name)
        del self._state_machine

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self._do_configure, self._do_cleanup)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self._do_activate, self._do_deactivate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._do_deactivate()
        return _DONE

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._do_cleanup()
        return _DONE

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        if state.label == 'active':
            self._do_deactivate()
        self._do_cleanup()
        return _DONE

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._do_deactivate()
        self._do_cleanup()
        return _DONE

    def _do_configure(self) -> None:
        """Load everything that takes long or may be missing, and advertise."""

    def _do_cleanup(self) -> None:
        """Release what `_do_configure` loaded."""

    def _do_activate(self) -> None:
        """Subscribe and start to work."""

    def _do_deactivate(self) -> None:
        """Stop working and unsubscribe."""

    def _start_by(self, trigger: Callable[[], TransitionCallbackReturn]) -> None:
        if not self.autostart:
            return
        self._failure, self._is_starting = None, True
        try:
            is_done = trigger() == _DONE
        finally:
            self._is_starting = False
        if not is_done:
            raise self._failure or PoseMachineError(f'{self.get_name()} could not start')

    def _attempt(self, step: Callable[[], None],
                 undo: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            step()
        except PoseMachineError as error:
            self._failure = error
            self.get_logger().error(str(error))
            undo()
            return _REFUSED
        except Exception:  # rclpy goes to the error state and does not report the exception
            reason = traceback.format_exc()
            if self._is_starting:  # the caller of `configure` or `activate` gets the reason
                self._failure = PoseMachineError(reason)
            else:
                self.get_logger().error(reason)
            raise
        return _DONE
