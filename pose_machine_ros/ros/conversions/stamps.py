# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Header stamps in nanoseconds."""

from __future__ import annotations

from std_msgs.msg import Header

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.messages import header_stamp_ns


def stamp_of(header: Header) -> int:
    """Return the stamp in nanoseconds; raises InputError if it is not a valid time."""
    seconds, nanoseconds = header.stamp.sec, header.stamp.nanosec
    if seconds < 0 or nanoseconds >= 10**9:
        raise InputError(f'a stamp of {seconds} s and {nanoseconds} ns is not a valid time; let '
                         'the driver set header.stamp, for instance from the clock of its node')
    return header_stamp_ns(header)
