# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.health.depth_summary import DepthSummary
from pose_machine_ros.ros.health.diagnostics import (
    diagnose, diagnostics_message, DiagnosticsConfig, NodeHealth)
from pose_machine_ros.ros.health.statistics import FrameSummary

FRAMES = FrameSummary(1.0, 30, 2, 0, (20.0, 30.0, 40.0), 2, (10.0, 11.0, 19.0))
HEALTH = NodeHealth(FRAMES, 0.03, 0.0, None, True, {'device': 'cpu'})


def test_a_working_node_is_ok_and_reports_its_values() -> None:
    message = diagnostics_message('/pose_machine', '/camera/image', Time(sec=7), HEALTH,
                                  DiagnosticsConfig())
    assert message.header.stamp.sec == 7
    status, = message.status
    assert (status.level, status.message) == (DiagnosticStatus.OK, '2 people')
    assert (status.name, status.hardware_id) == ('/pose_machine', '/camera/image')
    values = {v.key: v.value for v in status.values}
    assert values['images in, 1/s'] == '30.0' and values['processed, 1/s'] == '3.0'
    assert values['dropped'] == '2' and values['latency p50, ms'] == '30.0'
    assert values['inference p50, ms'] == '11.0' and values['inference p95, ms'] == '18.2'
    assert values['late'] == '0' and values['calibration'] == ''
    assert values['device'] == 'cpu' and values['calibrated'] == 'True'


@pytest.mark.parametrize('change, level, words', [
    ({'image_age': 1.5}, DiagnosticStatus.WARN, 'no image for 1.5 s'),
    ({'image_age': 6.0}, DiagnosticStatus.ERROR, 'no image for 6.0 s'),
    ({'is_calibrated': False}, DiagnosticStatus.WARN, 'not calibrated'),
    ({'is_calibrated': None}, DiagnosticStatus.OK, '2 people'),
    ({'frames': replace(FRAMES, failed=3)}, DiagnosticStatus.WARN, '3 of 30 images not usable'),
    ({'frames': replace(FRAMES, failed=30, latencies_ms=())}, DiagnosticStatus.ERROR,
     '30 of 30'),
    ({'frames': replace(FRAMES, latencies_ms=(300.0,))}, DiagnosticStatus.WARN, 'p95 is 300 ms'),
    ({'frames': replace(FRAMES, latencies_ms=(3000.0,))}, DiagnosticStatus.ERROR, 'p95'),
    ({'frames': replace(FRAMES, latencies_ms=(-3000.0,))}, DiagnosticStatus.ERROR,
     'another clock'),
    ({'frames': replace(FRAMES, latencies_ms=(1e9,))}, DiagnosticStatus.ERROR, 'use_sim_time'),
    ({'frames': replace(FRAMES, late=3)}, DiagnosticStatus.OK, '2 people'),
    ({'frames': replace(FRAMES, late=4)}, DiagnosticStatus.WARN, '4 of 30 images late'),
    ({'publishers': ('/left', '/right')}, DiagnosticStatus.WARN, '/left, /right'),
    ({'is_calibrated': False, 'calibration': 'the camera is not calibrated (K is zero)'},
     DiagnosticStatus.WARN, 'the camera is not calibrated (K is zero)'),
    ({'calibration': 'far from the middle'}, DiagnosticStatus.OK, '2 people'),
    ({'pose_problem': "TF has no frame 'odom'"}, DiagnosticStatus.ERROR,
     "people are not published: TF has no frame 'odom'"),
    ({'floor_problem': "TF has no frame 'map'"}, DiagnosticStatus.WARN,
     "the floor is not known: TF has no frame 'map'"),
    ({'is_crowded': True}, DiagnosticStatus.WARN, 'max_people'),
    ({'image_age': 6.0, 'idle_reason': 'disabled'}, DiagnosticStatus.OK, 'disabled')])
def test_what_is_wrong_is_named(change: dict, level: bytes, words: str) -> None:
    got, text = diagnose(replace(HEALTH, **change), DiagnosticsConfig())
    assert got == level and words in text


@pytest.mark.parametrize('seconds, level, words', [
    (0.1, DiagnosticStatus.OK, '2 people'), (0.5, DiagnosticStatus.WARN, '6.0 results a second'),
    (2.0, DiagnosticStatus.ERROR, '1.5 results a second')])
def test_too_few_results_are_named_where_a_rate_is_wanted(
        seconds: float, level: bytes, words: str) -> None:
    health = replace(HEALTH, frames=replace(FRAMES, seconds=seconds))
    config = DiagnosticsConfig(warn_rate=10, error_rate=2)
    assert diagnose(health, config) == (level, words)
    assert diagnose(health, DiagnosticsConfig())[0] == DiagnosticStatus.OK


def test_thresholds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InputError, match='warn_age = 9'):
        DiagnosticsConfig(warn_age=9)
    with pytest.raises(InputError, match='warn_latency = 0 s is not between'):
        DiagnosticsConfig(warn_latency=0)
    with pytest.raises(InputError, match='error_rate = 3'):
        DiagnosticsConfig(error_rate=3)


def test_depth_that_cannot_be_used_is_a_warning_and_named() -> None:
    summary = DepthSummary(30, 30, 12, 0.75, ('of another size',))
    level, text = diagnose(replace(HEALTH, depth=summary), DiagnosticsConfig())
    assert level == DiagnosticStatus.WARN and 'depth: of another size' in text
    assert diagnose(replace(HEALTH, depth=DepthSummary(30, 30, 30, 0.75)), DiagnosticsConfig())[0] \
        == DiagnosticStatus.OK
    assert summary.matched_percent == 40
