# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest

from pose_machine_ros.evaluation import report


def figures(count, along):
    """Return the figures of one set with two methods and `count` clips."""
    return {method: {'by_clip': {
        f'clip {i}': {'frames': 30, 'along_mm': factor * along + i} for i in range(count)}}
        for method, factor in (('none', 1), ('geometric', 2))}


def cells(figures):
    """Return the column `along mm` of the rows of the table of the split."""
    lines = report.table(report.average_over_clips(figures), report.SPLIT_COLUMNS).splitlines()
    head, _, *rows = ([cell.strip() for cell in line.split('|')[1:-1]] for line in lines)
    return [row[head.index('along mm')] for row in rows]


def test_one_clip_has_neither_interval_nor_range():
    assert cells({'a': figures(1, 40)}) == ['40.0', '80.0']


def test_few_clips_have_a_range_and_many_an_interval():
    assert cells({'a': figures(3, 40)}) == ['41.0 (range 40 to 42)', '81.0 (range 80 to 82)']
    interval, _ = cells({'a': figures(9, 40)})
    assert interval.startswith('44.0 (4') and 'range' not in interval


def test_sets_of_one_clip_are_pooled():
    sets = {'a': figures(1, 40), 'b': {}}
    sets['b'] = {'none': {'by_clip': {'another clip': {'frames': 3, 'along_mm': 60.0}}}}
    pooled = report.average_over_clips({'all': report.pool(sets)})['all']
    assert pooled['none']['along_mm'] == pytest.approx(50)
    assert pooled['none']['clips'] == 2 and pooled['geometric']['clips'] == 1


def test_columns_without_a_value_are_not_shown():
    text = report.table(report.average_over_clips({'a': figures(1, 40)}), report.SPLIT_COLUMNS)
    assert 'along mm' in text and 'across mm' not in text
