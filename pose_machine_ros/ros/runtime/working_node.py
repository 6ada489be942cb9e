# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A managed node that works in a thread, and rests on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from rclpy.clock import Clock, ClockType
from rclpy.service import Service
from rclpy.timer import Timer
from std_srvs.srv import SetBool, Trigger

from pose_machine_ros.ros.runtime.lifecycle import ManagedNode

DIAGNOSTICS_PERIOD = 1.0  # seconds
LOG_PERIOD = 10.0
SUBSCRIBE_PERIOD = 0.1
WATCH_PERIOD = 1.0


class Worker(Protocol):
    """The thread of a WorkingNode."""

    is_enabled: bool

    def forget_people(self) -> None: ...


class WorkingNode(ManagedNode):
    """A managed node whose worker can be paused by `~/enable` and reset by `~/reset`.

    Subclasses set `_worker` before `_start_services`, and override `_update_subscription`, which
    subscribes if there is work to do and unsubscribes otherwise.
    """

    def __init__(self, name: str, **options: object) -> None:
        """Make the node; `options` are those of an rclpy node."""
        super().__init__(name, **options)
        self._worker: Worker | None = None
        self._own_services: list[Service] = []
        self._own_timers: list[Timer] = []

    def _update_subscription(self) -> None:
        raise NotImplementedError

    def _start_services(self, periodic: Mapping[Callable[[], None], float]) -> None:
        """Offer the services, and call each function of `periodic` after its period, seconds."""
        # A steady clock also runs while simulated time stands still, or before it starts.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._own_timers = [self.create_timer(period, callback, clock=steady)
                            for callback, period in periodic.items()]
        self._own_services = [self.create_service(SetBool, '~/enable', self._on_enable),
                              self.create_service(Trigger, '~/reset', self._on_reset)]

    def _stop_services(self) -> None:
        while self._own_timers:
            self.destroy_timer(self._own_timers.pop())
        while self._own_services:
            self.destroy_service(self._own_services.pop())

    def _on_enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        was_enabled, self._worker.is_enabled = self._worker.is_enabled, request.data
        if was_enabled and not request.data:
            self._worker.forget_people()  # people seen after the pause get new ids
        self._update_subscription()
        response.success = True
        response.message = 'working' if request.data else 'resting'
        return response

    def _on_reset(self, _request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._worker.forget_people()
        response.success, response.message = True, 'everybody is forgotten'
        return response
