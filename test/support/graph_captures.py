# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Captures that behave like CUDA graphs on a CPU, and traces of what would be captured."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import fx, Tensor
from torch.fx.experimental.proxy_tensor import make_fx

# Operations that wait for the device, whose shape depends on values, or that copy a constant of
# Python to the device.
_FORBIDDEN = ('_local_scalar_dense', 'nonzero', 'masked_select', 'aten.index.', 'aten.index_put',
              'lift_fresh', 'unique')


class Captures:
    """Counts captures and replays; a replay writes to the address of the first result."""

    def __init__(self) -> None:
        self.captured = self.replayed = 0

    def __call__(self, operations: Callable[[], Tensor], device: torch.device,
                 pool: object) -> tuple[Callable[[], None], Tensor]:
        self.captured += 1
        operations()  # a warm-up has effects, too
        result = operations().clone()

        def replay() -> None:
            self.replayed += 1
            result.copy_(operations())
        return replay, result


def trace(function: Callable, *inputs: object) -> fx.GraphModule:
    """Return the operations of a function of tensors, found without their values.

    Fails if an operation cannot be part of a CUDA graph.
    """
    function(*inputs)  # as before a capture: constants are made once
    graph = make_fx(function, tracing_mode='fake', _allow_non_fake_inputs=True)(*inputs)
    names = {str(node.target) for node in graph.graph.nodes}
    assert not [n for n in names if any(word in n for word in _FORBIDDEN)]
    return graph
