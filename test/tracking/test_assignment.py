# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The assignment is as good as SciPy's, for any number of rows and columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from pose_machine_ros.tracking.assignment import assign

SIDE = st.integers(0, 7)


@given(SIDE, SIDE, st.integers(0, 2**32 - 1), st.sampled_from([None, 0, 1]))
def test_no_assignment_has_a_higher_total(
        rows: int, columns: int, seed: int, decimals: int | None) -> None:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    if decimals is not None:  # equal values
        values = values.round(decimals)
    pairs = assign(values)
    assert len(pairs) == min(rows, columns) and pairs == sorted(pairs)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    best = values[linear_sum_assignment(values, maximize=True)].sum()
    assert sum(values[pair] for pair in pairs) == pytest.approx(best)


def test_a_row_gives_up_its_best_column_for_the_total() -> None:
    assert assign(np.array([[0.9, 0.8], [0.85, 0.1]])) == [(0, 1), (1, 0)]
