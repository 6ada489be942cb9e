# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The table of faults in docs/reliability.md names tests that exist, and all of the fault suite."""

from __future__ import annotations

from pathlib import Path
import re

ROOT = Path(__file__).parents[1]
NAMED = set(re.findall(r'`(test_\w+)`', (ROOT / 'docs' / 'reliability.md').read_text()))


def names_below(folder: Path) -> set[str]:
    return {name for path in folder.rglob('test_*.py')
            for name in re.findall(r'^def (test_\w+)', path.read_text(), re.MULTILINE)}


def test_every_test_in_the_table_exists() -> None:
    assert len(NAMED) > 20
    assert NAMED - names_below(ROOT / 'test') == set()


def test_every_test_of_the_fault_suite_is_in_the_table() -> None:
    assert names_below(ROOT / 'test' / 'ros' / 'faults') - NAMED == set()
