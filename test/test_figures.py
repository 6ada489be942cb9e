# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pages on figures: the summary is one page, and its figures are those of the full tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

DOCS = Path(__file__).parents[1] / 'docs'
RESULTS, EVALUATION = DOCS / 'results.md', DOCS / 'evaluation.md'
LINES, COLUMNS = 125, 5


def table_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of all tables of a page, each as a dict from column to cell."""
    heads: list[str] = []
    for line in path.read_text().splitlines():
        cells = [cell.strip() for cell in line.split('|')[1:-1]]
        if not cells or not heads:
            heads = cells
        elif set(line) - set('|- '):
            yield dict(zip(heads, cells, strict=True))


def test_the_results_are_one_page_of_narrow_tables() -> None:
    assert len(RESULTS.read_text().splitlines()) <= LINES
    rows = list(table_rows(RESULTS))
    assert len(rows) > 20
    assert max(map(len, rows)) <= COLUMNS


def test_the_figures_of_the_results_are_those_of_the_evaluation() -> None:
    measured: dict[tuple[str, str], dict[str, str]] = {}
    for row in table_rows(EVALUATION):
        if 'method' in row and 'set' in row:
            measured.setdefault((row['set'], row['method']), row)
    summary = [row for row in table_rows(RESULTS) if 'set' in row]
    assert len(summary) > 15
    for row in summary:
        assert row.items() <= measured[row['set'], row.get('method', 'machine')].items()


@pytest.mark.parametrize('marker', ['real-video', 'opencap', 'real-video-split', 'mocap',
                                    'mocap-split', 'people', 'fusion-rigs'])
def test_the_evaluation_has_the_generated_tables(marker: str) -> None:
    table = re.search(f'<!-- {marker} -->\n(.*?)\n<!-- /{marker} -->', EVALUATION.read_text(),
                      re.DOTALL)
    assert table and table[1].startswith('| set ') and table[1].count('\n') > 10


def test_every_image_is_shown() -> None:
    pages = [*DOCS.glob('*.md'), *DOCS.parent.glob('*.md')]
    shown = {(page.parent / target).resolve() for page in pages
             for target in re.findall(r'!\[[^]]*\]\((\S+)\)', page.read_text())}
    pictures = {path for pattern in ('*.png', '*.jpg') for path in DOCS.glob(pattern)}
    assert pictures and pictures <= shown
