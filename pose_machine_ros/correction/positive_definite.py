# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Symmetric positive definite matrices: linear equations and inverses by Cholesky factors.

On a CPU, LAPACK is called with the factor. On a GPU, its routines for the inverse of several
matrices wait for the device, so the inverse of the factor is computed instead, once. Then solutions
and inverses are products.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import torch
from torch import Tensor


class CholeskyFactor(NamedTuple):
    """The lower factor L (*, N, N) of L L^T."""

    lower: Tensor

    def solve(self, right: Tensor) -> Tensor:
        """Return the solutions (*, N, K) for right-hand sides (*, N, K)."""
        return torch.cholesky_solve(right, self.lower)

    def inverse(self) -> Tensor:
        """Invert the matrices; return (*, N, N)."""
        return torch.cholesky_inverse(self.lower)


class InverseFactor(NamedTuple):
    """The inverse of the lower factor; the methods are those of CholeskyFactor."""

    inverse_lower: Tensor

    def solve(self, right: Tensor) -> Tensor:
        return self.inverse_lower.mT @ (self.inverse_lower @ right)

    def inverse(self) -> Tensor:
        return self.inverse_lower.mT @ self.inverse_lower


def factorize(matrix: Tensor) -> CholeskyFactor | InverseFactor:
    """Return the factor of matrices (*, N, N); without an error, and of no use, for others."""
    lower, _ = torch.linalg.cholesky_ex(matrix)
    if not _is_inverse_better(matrix.device):
        return CholeskyFactor(lower)
    unit = _identity(matrix.shape[-1], matrix.dtype, matrix.device)
    return InverseFactor(torch.linalg.solve_triangular(lower, unit, upper=False))


def _is_inverse_better(device: torch.device) -> bool:
    return device.type == 'cuda'


@functools.cache
def _identity(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.eye(size, dtype=dtype, device=device)
