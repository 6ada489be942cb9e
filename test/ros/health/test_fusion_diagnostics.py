# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from pose_machine_ros.ros.health.diagnostics import DiagnosticsConfig
from pose_machine_ros.ros.health.fusion_diagnostics import (
    fusion_diagnostics_message, FusionHealth, InputHealth)
from pose_machine_ros.ros.health.statistics import FrameSummary

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR
ROUNDS = FrameSummary(1.0, 60, 0, 0, (30.0,) * 30, 2, (3.0,) * 30)


def status(ages: tuple[float, float] = (0.03, 0.04), complaints: tuple[str, ...] = (),
           rounds: FrameSummary = ROUNDS, **changes: object) -> DiagnosticStatus:
    inputs = {'/left': InputHealth(ages[0], list(complaints)), '/right': InputHealth(ages[1], [])}
    values = {'rounds': rounds, 'busy_seconds': 0.0, 'idle_reason': None, 'inputs': inputs,
              'residuals': {'left_eye': 1.2}, 'target_frame': 'map'}
    found, = fusion_diagnostics_message(
        '/fusion', Time(), FusionHealth(**{**values, **changes}), DiagnosticsConfig()).status
    return found


def test_all_is_well() -> None:
    found = status()
    assert (found.level, found.message) == (OK, '2 people, 2 cameras')
    assert (found.name, found.hardware_id) == ('/fusion', 'map')
    values = {v.key: v.value for v in found.values}
    assert values['rounds, 1/s'] == '30.0' and values['results in, 1/s'] == '60.0'
    assert values['reprojection of left_eye, sigma'] == '1.2'
    assert values['input /left'] == '0.03 s ago'


def test_what_is_wrong_with_an_input_is_a_warning_by_its_name() -> None:
    found = status(complaints=('not calibrated', 'clock'))
    assert (found.level, found.message) == (WARN, '/left: not calibrated, clock')


@pytest.mark.parametrize('changes, level, text', [
    ({'ages': (2.0, 9.0)}, WARN, 'no skeletons on any input for 2.0 s'),
    ({'ages': (7.0, 9.0)}, ERROR, 'no skeletons on any input for 7.0 s'),
    ({'busy_seconds': 2.0}, WARN, 'current round has taken 2.0 s'),
    ({'rounds': FrameSummary(1.0, 60, 0, 0, (400.0,) * 30, 2, (3.0,) * 30)}, WARN,
     'latency p95 is 400 ms'),
    ({'idle_reason': 'disabled', 'ages': (7.0, 9.0)}, OK, 'disabled')])
def test_levels(changes: dict, level: bytes, text: str) -> None:
    found = status(**changes)
    assert found.level == level and text in found.message
