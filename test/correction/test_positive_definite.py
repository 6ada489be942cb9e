# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import pytest
import torch

from pose_machine_ros.correction import positive_definite
from pose_machine_ros.correction.positive_definite import factorize


@pytest.fixture(params=[False, True], ids=['cpu', 'gpu'])
def form(request, monkeypatch):
    monkeypatch.setattr(positive_definite, '_is_inverse_better', lambda device: request.param)


def matrices(count, size=51):
    torch.manual_seed(0)
    half = torch.randn(count, size, size, dtype=torch.float64)
    return half @ half.mT / size + 0.1 * torch.eye(size, dtype=torch.float64)


@pytest.mark.parametrize('count', [1, 5])
def test_solutions_and_inverses(form, count):
    matrix, right = matrices(count), torch.randn(count, 51, 2, dtype=torch.float64)
    factor = factorize(matrix)
    torch.testing.assert_close(matrix @ factor.solve(right), right)
    unit = torch.eye(51, dtype=torch.float64).expand(count, -1, -1)
    torch.testing.assert_close(matrix @ factor.inverse(), unit)


def test_a_matrix_without_a_factor_does_not_disturb_the_others(form):
    matrix = matrices(3)
    matrix[1] = torch.nan
    inverse = factorize(matrix).inverse()
    assert not inverse[1].isfinite().any()
    torch.testing.assert_close(inverse[[0, 2]], torch.linalg.inv(matrices(3))[[0, 2]])
