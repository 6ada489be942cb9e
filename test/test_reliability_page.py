# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/reliability.md name existing tests, and all tests of the fault suite."""

from __future__ import annotations

from pathlib import Path
import re

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / 'docs' / 'reliability.md').read_text()
NAMED = set(re.findall(r'`(test_\w+)`', PAGE))


def names_below(folder: Path) -> set[str]:
    return {name for path in folder.rglob('test_*.py')
            for name in re.findall(r'^def (test_\w+)', path.read_text(), re.MULTILINE)}


def test_every_test_in_the_table_exists() -> None:
    assert len(NAMED) > 20
    assert NAMED - names_below(ROOT / 'test') == set()


def test_every_test_of_the_fault_suite_is_in_the_table() -> None:
    assert names_below(ROOT / 'test' / 'ros' / 'faults') - NAMED == set()


def test_every_row_names_a_test() -> None:
    rows = [row for row in re.findall(r'^\|.*\|$', PAGE, re.MULTILINE)
            if not re.match(r'\| (\*\*|fault |reported in )|\|-', row)]
    assert len(rows) > 60
    assert not [row for row in rows if not re.search(r'`test_\w+`|the same', row.split('|')[-2])]
