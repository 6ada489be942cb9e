# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Multi-person tracking: the people of one camera from frame to frame, in 2D."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from pose_machine_ros.tracking.config import TrackingConfig

if TYPE_CHECKING:
    from pose_machine_ros.tracking.tracker import PeopleTracker

__all__ = ['PeopleTracker', 'TrackingConfig']


def __getattr__(name: str) -> Any:
    """Import the tracker on first use: it needs torch, which takes a second to import."""
    if name == 'PeopleTracker':
        from pose_machine_ros.tracking.tracker import PeopleTracker
        return PeopleTracker
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
