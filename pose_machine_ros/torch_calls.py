# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How many operations torch runs, which is what small tensors cost: each takes a few microseconds.

On a GPU each operation that computes is a kernel launch. Views only describe memory in another way
and launch nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from torch.utils._python_dispatch import TorchDispatchMode

_VIEWS = frozenset((
    '_reshape_alias', '_unsafe_view', 'alias', 'as_strided', 'detach', 'diagonal', 'expand',
    'lift_fresh', 'permute', 'select', 'slice', 'split', 'split_with_sizes', 'squeeze', 't',
    'transpose', 'unbind', 'unfold', 'unsqueeze', 'view'))


class TorchCallCounter(TorchDispatchMode):
    """Counts the calls of torch operations in a `with` block, in the thread that enters it."""

    def __init__(self) -> None:
        super().__init__()
        self.by_name: Counter[str] = Counter()

    @property
    def calls(self) -> int:
        """Return the number of all calls."""
        return self.by_name.total()

    @property
    def kernels(self) -> int:
        """Return the number of the calls that compute something."""
        return sum(n for name, n in self.by_name.items() if name not in _VIEWS)

    def __torch_dispatch__(self, operation: Callable, types: Sequence, arguments: tuple = (),
                           options: dict | None = None) -> object:
        self.by_name[operation.__name__.partition('.')[0]] += 1
        return operation(*arguments, **(options or {}))
