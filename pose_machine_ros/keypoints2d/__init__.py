# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D pose estimation: from a frame to the COCO-17 keypoints of all people in it."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from pose_machine_ros.keypoints2d.config import Keypoints2DConfig

if TYPE_CHECKING:
    from pose_machine_ros.keypoints2d.network import Detections, PoseNetwork2D

__all__ = ['Detections', 'Keypoints2DConfig', 'PoseNetwork2D']


def __getattr__(name: str) -> Any:
    """Import the network on first use: it needs torch, which takes a second to import."""
    if name in ('Detections', 'PoseNetwork2D'):
        from pose_machine_ros.keypoints2d import network
        return getattr(network, name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
