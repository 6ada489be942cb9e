# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One node for all tests of a file; it has to survive one fault after another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from ros.faults.bench import Bench


@pytest.fixture(scope='module')
def bench() -> Iterator[Bench]:
    rclpy.init(args=[])
    made = Bench()
    try:
        made.wait_until_ready()
        yield made
    finally:
        made.end()
        rclpy.try_shutdown()
    assert 'Traceback' not in made.node.output
