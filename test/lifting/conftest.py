# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A lifter for each correction, shared by the tests of a file."""

import pytest

from pose_machine_ros.lifting.config import CORRECTIONS, LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter


@pytest.fixture(scope='module', params=CORRECTIONS)
def lifter(request):
    return PoseLifter(LiftingConfig(correction=request.param), 'cpu')


@pytest.fixture(autouse=True)
def fresh(request):
    if 'lifter' in request.fixturenames:
        request.getfixturevalue('lifter').reset()
