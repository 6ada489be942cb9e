# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The page of figures: what a run measured is what the page says."""

from __future__ import annotations

import json
from pathlib import Path
import re

import cv2
import pytest
from support.benchmark_runs import case, compared, over_ros, run, times

from pose_machine_ros.benchmark import page

PAGE = Path(__file__).parents[2] / 'docs' / 'performance.md'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the page in the repository."""
    path = tmp_path / 'performance.md'
    path.write_text(PAGE.read_text())
    return path


def written(path: Path, *runs: dict) -> dict[str, list[dict[str, str]]]:
    """Write a page and read it back: by marker, rows from column to cell."""
    files = [path.with_name(f'{i}.json') for i in range(len(runs))]
    for file, figures in zip(files, runs):
        file.write_text(json.dumps(figures))
    assert page.main([str(path), *map(str, files)]) == 0
    sections = {}
    for marker, text in re.findall(r'<!-- ([\w-]+) -->\n(.*?)\n<!-- /\1 -->', path.read_text(),
                                   re.DOTALL):
        if marker not in page.SECTIONS:  # the page has a table of a GPU, too
            continue
        lines = [[cell.strip() for cell in line.split('|')[1:-1]]
                 for line in text.splitlines() if line.startswith('|')]
        sections[marker] = [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]
    return sections


def test_the_page_in_the_repository_has_all_tables(copy: Path) -> None:
    assert set(written(copy, run())) == set(page.SECTIONS)


def test_figures_are_those_of_all_runs(copy: Path) -> None:
    found = written(
        copy, run(cases=[case(None), case(2, ms=12.5), case(2, 4, arrangement='one process')]),
        run(beside=1, backend='openvino', cases=[case(2, ms=30.0)], over_ros=[over_ros()]))
    assert [(r['images'], r['cameras'], r['backend'], r['beside'], r['CPU ms'])
            for r in found['cases']] == [
        ('as filmed', '1', 'auto', '0', '11.0'), ('montage of 2', '1', 'auto', '0', '13.5'),
        ('montage of 2', '4, one process', 'auto', '0', '11.0'),
        ('montage of 2', '1', 'openvino', '1', '31.0')]
    column = 'ms a frame: p50 / p95 / p99 / max'
    assert found['cases'][1][column] == '12.5 / 25.0 / 37.5 / 50.0'
    assert [r['lift'] for r in found['stages']] == [
        '10.0 / 20.0 / 30.0 / 40.0', '12.5 / 25.0 / 37.5 / 50.0', '30.0 / 60.0 / 90.0 / 120.0']
    assert [r['cameras'] for r in found['arrangements']] == ['4']
    (ros,) = found['over-ros']
    assert ros['received of sent'] == '190 of 200' and ros['beside'] == '1'
    assert ros['CPU ms, node'] == '31.0'
    assert [r['busy loops beside it'] for r in found['conditions']] == ['0', '1']
    assert [r['processor'] for r in found['machine']] == ['abacus, 2 cores']


def test_a_row_that_was_skipped_has_its_reason_below_the_table(copy: Path) -> None:
    ours = compared('pose machine', frames=150, found=149, total_ms=times(14.0), cpu_ms=20.0)
    found = written(copy, run(comparison=[ours, compared('MediaPipe full', skipped='not there')]))
    ours, full = found['comparison']
    assert ours['somebody found'] == '149' and ours['CPU ms'] == '20.0'
    assert 'skipped' in full.values()
    assert 'MediaPipe full was skipped: not there.' in copy.read_text()


def test_what_no_run_measured_is_said_and_the_text_stays(copy: Path) -> None:
    written(copy, run(cases=[case()], over_ros=[over_ros()]))
    assert written(copy, run(cases=[case()]))['over-ros'] == []
    assert '<!-- over-ros -->\nNot measured.\n' in copy.read_text()

    def prose(path: Path) -> str:
        return re.sub(r'<!-- ([\w-]+) -->.*?<!-- /\1 -->', '', path.read_text(), flags=re.DOTALL)
    assert prose(copy) == prose(PAGE)


def test_the_plot_is_written(copy: Path) -> None:
    copy.with_name('a.json').write_text(json.dumps(run(cases=[case(1), case(5, ms=40.0)])))
    picture = copy.with_name('plot.png')
    assert page.main([str(copy), str(copy.with_name('a.json')), '--plot', str(picture)]) == 0
    assert cv2.imread(str(picture)).std() > 10


@pytest.mark.parametrize('text, complaint', [
    ('{', 'cannot be read'), ('[]', 'is not a run'), ('{"cases": []}', 'lacks comparison')])
def test_another_file_is_refused(
        copy: Path, text: str, complaint: str, capsys: pytest.CaptureFixture) -> None:
    before = copy.read_text()
    copy.with_name('a.json').write_text(text)
    assert page.main([str(copy), str(copy.with_name('a.json'))]) == 2
    said = capsys.readouterr().err
    assert complaint in said and 'pose-machine benchmark --json' in said
    assert copy.read_text() == before


def test_a_page_without_markers_is_refused(
        tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for name, text in (('a.json', json.dumps(run())), ('page.md', '# Page\n')):
        (tmp_path / name).write_text(text)
    assert page.main([str(tmp_path / 'page.md'), str(tmp_path / 'a.json')]) == 2
    assert '<!-- machine -->' in capsys.readouterr().err
