# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Who is who: people of one camera from frame to frame."""

from pose_machine_ros.tracking.tracker import PeopleTracker, TrackingConfig

__all__ = ['PeopleTracker', 'TrackingConfig']
