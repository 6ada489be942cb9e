# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Image messages without people."""

from __future__ import annotations

from sensor_msgs.msg import Image
from support.people import header


def dark_image(encoding: str = 'bgr8', seconds: float = 1.0, width: int = 320) -> Image:
    """Return a dark image, 240 px high."""
    message = Image(header=header(seconds), height=240, width=width, step=width * 3,
                    encoding=encoding)
    message.data.frombytes(bytes(240 * width * 3))
    return message
