# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Errors a user can cause, and mend: every message names the bad value and the fix."""


class PoseMachineError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(PoseMachineError, ValueError):
    """An image, a camera, a file or an option that cannot be used as given."""


class LateFrameError(InputError):
    """A frame that is a little older than the newest one; it costs nothing but itself."""


class WeightsError(PoseMachineError):
    """A weights file that is missing, damaged or made for another network."""


class DeviceError(PoseMachineError):
    """The device the networks run on could not do what it was asked to."""
