# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How many torch operations a piece of code calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from torch.utils._python_dispatch import TorchDispatchMode


class TorchCallCounter(TorchDispatchMode):
    """Counts the calls of torch operations in a `with` block, also those of views and copies.

    On a GPU almost each of them is a kernel launch. Calls in other threads, and inside graphs of
    ONNX Runtime or OpenVINO, do not count.
    """

    def __init__(self) -> None:
        super().__init__()
        self.by_operation: Counter[str] = Counter()  # such as aten.mul.Tensor

    @property
    def total(self) -> int:
        """Return the number of calls."""
        return self.by_operation.total()

    def __torch_dispatch__(self, func: Callable, types: Sequence[type],  # noqa: D105
                           args: Sequence = (), kwargs: Mapping | None = None) -> object:
        self.by_operation[str(func)] += 1
        return func(*args, **(kwargs or {}))
