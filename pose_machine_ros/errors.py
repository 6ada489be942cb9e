# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Errors that a user can cause and fix: each message names the bad value and the fix."""


class PoseMachineError(Exception):
    """Base class of all errors of this package."""


class InputError(PoseMachineError, ValueError):
    """An image, a camera, a file or an option that cannot be used as given."""


class LateFrameError(InputError):
    """A frame that is a little older than the newest one; later frames are not affected."""


class WeightsError(PoseMachineError):
    """A weights file that is missing, damaged or of another network."""


class DeviceError(PoseMachineError):
    """A failure of the device that the networks run on."""
