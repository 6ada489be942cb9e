# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera model: intrinsics, lens distortion, rotation of the image."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from pose_machine_ros.camera.field_of_view import DEFAULT_FOV

if TYPE_CHECKING:
    from pose_machine_ros.camera.camera import Camera

__all__ = ['Camera', 'DEFAULT_FOV']


def __getattr__(name: str) -> Any:
    """Import the camera on first use: it needs torch, which takes a second to import."""
    if name == 'Camera':
        from pose_machine_ros.camera.camera import Camera
        return Camera
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
