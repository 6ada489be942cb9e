# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time

import pytest

from pose_machine_ros.ros.health.complaints import Complaints


class Logger:
    """Keeps the lines of a log."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.warning = self.info = self.lines.append


@pytest.fixture
def logger() -> Logger:
    return Logger()


def test_a_complaint_is_logged_once_and_stays_until_it_is_cleared(logger: Logger) -> None:
    complaints = Complaints(logger)
    for seconds in (1, 2, 3):
        complaints.set('/left', 'silence', f'no skeletons for {seconds} s')
    assert logger.lines == ['/left: no skeletons for 1 s']
    assert complaints.about('/left') == ['no skeletons for 3 s'] and not complaints.about('/right')
    complaints.set('/left', 'silence', None)
    assert not complaints.about('/left') and logger.lines[1:] == ['/left: in order again']


def test_what_passes_soon_is_not_told(
        logger: Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints, now = Complaints(logger), time.monotonic()
    complaints.set('/left', 'pose', 'not known', after=1.0)
    complaints.set('/left', 'pose', None)
    assert not logger.lines
    complaints.set('/left', 'pose', 'not known', after=1.0)
    assert not complaints.about('/left')
    monkeypatch.setattr(time, 'monotonic', lambda: now + 2)
    complaints.set('/left', 'pose', 'not known', after=1.0)
    assert logger.lines == ['/left: not known'] and complaints.about('/left') == ['not known']


def test_an_input_in_and_out_of_order_does_not_fill_the_log(logger: Logger) -> None:
    complaints = Complaints(logger)
    for i in range(20):
        complaints.set('/left', 'clock', f'{i} s behind')
        complaints.set('/left', 'clock', None)
    assert len(logger.lines) == 2


def test_names_that_differ_by_a_digit_are_two_inputs(logger: Logger) -> None:
    complaints = Complaints(logger)
    for text in ('no skeletons for 3 s', None):
        for name in ('/cam1', '/cam2'):
            complaints.set(name, 'silence', text)
    assert logger.lines == ['/cam1: no skeletons for 3 s', '/cam2: no skeletons for 3 s',
                            '/cam1: in order again', '/cam2: in order again']


def test_silence_replaces_all_other_complaints(logger: Logger) -> None:
    complaints = Complaints(logger)
    for kind in ('pose', 'silence'):
        complaints.set('/left', kind, kind)
    complaints.set('/right', 'pose', 'pose')
    complaints.forget('/left', but='silence')
    assert complaints.about('/left') == ['silence'] and complaints.about('/right') == ['pose']
