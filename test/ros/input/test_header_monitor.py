# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Warnings about changes of frame_id and jumps of stamps."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from rclpy.logging import get_logger

from pose_machine_ros.ros.input import header_monitor as module
from pose_machine_ros.ros.input.header_monitor import HeaderMonitor

S = 10**9


class Log(list):
    """A stub of a logger that keeps warnings."""

    def warning(self, text: str, **_: object) -> None:
        self.append(text)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def headers(log: Log) -> HeaderMonitor:
    made = HeaderMonitor(log)
    assert not made.has_new_frame_id('eye')
    made.check_stamp(100 * S, 1.0)
    return made


@pytest.mark.parametrize('seconds, words', [
    (5500, '5400.000 s after that of the previous image: tracking is reset'),
    (102, 'raise max_gap (1.0 s)'),
    (-5300, '5400.000 s before that of the previous image: tracking is reset')])
def test_a_leap_gets_one_line(headers: HeaderMonitor, log: Log, seconds: int, words: str) -> None:
    for later in (0.0, 0.1, 0.2):
        headers.check_stamp(seconds * S + round(later * S), 1.0)
    line, = log
    assert words in line


def test_steps_up_to_max_gap_get_none(headers: HeaderMonitor, log: Log) -> None:
    for tenths in (1001, 1011, 1012):
        headers.check_stamp(tenths * S // 10, 1.0)
    headers.check_stamp(150 * S, 60.0)
    assert not log


def test_another_frame_id_gets_a_line_and_no_more(headers: HeaderMonitor, log: Log) -> None:
    assert headers.has_new_frame_id('other') and "'eye' to 'other'" in log[0]
    headers.check_stamp(5 * S, 1.0)
    assert not headers.has_new_frame_id('other') and len(log) == 1


def test_nothing_is_said_of_a_leap_after_a_rest(headers: HeaderMonitor, log: Log) -> None:
    headers.expect_gap()
    headers.check_stamp(500 * S, 1.0)
    assert not log and headers.has_new_frame_id('other')


def test_a_leap_soon_after_a_pause_gets_its_line_and_a_second_pause_none(
        monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    monkeypatch.setattr(module, 'time', SimpleNamespace(monotonic=lambda: now[0]))
    headers = HeaderMonitor(get_logger('headers'))
    for clock, seconds in ((50.0, 100), (52.0, 102), (54.1, 104), (54.2, 9000), (54.3, 20_000),
                           (54.4, 100), (54.5, 50)):
        now[0] = clock
        headers.check_stamp(seconds * S, 1.0)
    lines = [line for line in capfd.readouterr().err.splitlines() if 'tracking is reset' in line]
    pause, leap, back = lines
    assert '2.000 s after' in pause and 'after a pause' in pause and 'clock' not in pause
    assert '8896.000 s after' in leap and 'Only 0.100 s have passed' in leap
    assert 'look for a clock that was set' in leap
    assert '19900.000 s before' in back
