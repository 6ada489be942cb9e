# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rerun, an optional dependency, or an InputError that says how to install it."""

from pose_machine_ros.errors import InputError

try:
    import rerun as rr
    from rerun import blueprint as rrb
except ImportError as missing:
    raise InputError("the viewer needs Rerun 0.34: pip install 'rerun-sdk>=0.34,<0.35'"
                     f' ({missing})') from missing

__all__ = ['rr', 'rrb']
