# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The floor below the camera: from TF for the machine, or from people's feet for the user."""

from __future__ import annotations

from collections.abc import Iterable
import math
import time

from rclpy.impl.rcutils_logger import RcutilsLogger
from std_msgs.msg import Header

from pose_machine_ros.correction.floor_estimate import FloorEstimate, FloorEstimator
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.pose import Skeleton, Space
from pose_machine_ros.ros.input.camera_placement import AUTO, CameraPlacement

_PERIOD = 1.0  # seconds between two estimates
# Of an estimate that is worth a line in the log
_PITCH_SIGMA = math.radians(5.0)
_HEIGHT_SIGMA = 0.2  # relative


class CameraFloor:
    """Finds the floor that the parameter `floor` names, in every frame.

    The machine uses that of TF. An estimate from people's feet is information for whoever mounts
    the camera: one camera does not measure it well enough to tell anything about people's sizes.
    """

    def __init__(self, logger: RcutilsLogger, machine: PoseMachine,
                 placement: CameraPlacement) -> None:
        self._logger = logger
        self._machine = machine
        self._placement = placement
        self.text = ''  # where the floor is, for diagnostics
        self._is_of_tf = False  # whether the machine has one
        self.restart()

    def restart(self) -> None:
        """Forget all feet: the camera may be another one."""
        self._feet: FloorEstimator | None = None
        self._is_logged = False
        self._due = 0.0  # monotonic seconds, of the next estimate

    def find(self, header: Header, stamp_ns: int) -> None:
        """Tell the machine where the floor is in the image with this header, if TF shall say so."""
        if frame := self._placement.config.floor_frame:
            floor = self._placement.floor_below(frame, header, stamp_ns)
            self._machine.set_floor(floor)
            self._is_of_tf = True
            self.text = f'not known ({frame})' if floor is None else (
                f'{floor.height:.2f} m below the camera ({frame})')
        elif self._is_of_tf:
            self._machine.set_floor(None)
            self._is_of_tf, self.text = False, ''

    def add(self, skeletons: Iterable[Skeleton]) -> None:
        """Estimate the floor from people in the camera's optical frame, if that is wanted."""
        if self._placement.config.floor != AUTO:
            if self._feet is not None:
                self.restart()
                self.text = ''
            return
        rotation = self._machine.config.lifting.rotation
        if self._feet is None or self._feet.rotation != rotation:
            self.restart()
            self._feet = FloorEstimator(rotation)
        self._feet.add(s for s in skeletons if s.space == Space.CAMERA_METRIC)
        if (now := time.monotonic()) >= self._due:
            self._due = now + _PERIOD
            self._report(self._feet.estimate())

    def _report(self, estimate: FloorEstimate | None) -> None:
        self.text = 'no standing feet seen yet' if estimate is None else str(estimate)
        if not self._is_logged and estimate is not None and estimate.pitch_sigma < _PITCH_SIGMA \
                and estimate.height_sigma < _HEIGHT_SIGMA * estimate.floor.height:
            self._is_logged = True
            self._logger.info(f'people show where the floor is: {estimate}')
