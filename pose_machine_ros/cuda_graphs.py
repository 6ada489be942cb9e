# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Functions of tensors that a GPU runs as CUDA graphs: one launch for all of their operations.

A graph has fixed shapes and addresses. So its inputs are copied into buffers of its own, and the
number of people is rounded up to one of a few sizes. On a CPU the function is called as it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
import threading
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

_SIZES = (1, 2, 4, 8, 16)  # numbers of rows for which there are graphs
_MOST_GRAPHS = 24  # of one function: several image sizes with all numbers of rows
_WARM_UP_RUNS = 3  # libraries choose algorithms and allocate memory in the first runs
# One capture at a time in a process. Other threads launch work meanwhile.
_capturing = threading.Lock()

Operations = Callable[[], Tensor]
Captured = tuple[Callable[[], None], Tensor]  # runs the operations again, and their result
Pool = tuple[int, int]  # memory that the graphs of a function share


def padded_sizes(most: int) -> tuple[int, ...]:
    """Return the numbers of rows to which up to `most` rows are padded."""
    return tuple(size for size in _SIZES if size < 2 * most)


class CudaGraphs:
    """A function of tensors, captured as a CUDA graph once for each shape of its arguments.

    The function must not wait for the device. Besides its tensors it may have settings, hashable
    keyword arguments: there is a graph for each value of them. Whatever else it reads is captured
    as it is, by address. A capture runs the function on zeros, several times.

    One thread at a time may call an object; different objects are independent.
    """

    def __init__(self, function: Callable[..., Tensor], device: torch.device,
                 capture: Callable[[Operations, torch.device, Pool | None], Captured] | None = None
                 ) -> None:
        """Capture with `capture` (None: as a CUDA graph on a GPU, and not at all on a CPU)."""
        self._function = function
        self._device = device
        is_cuda = device.type == 'cuda'
        self._capture = capture or (capture_cuda_graph if is_cuda else None)
        self._pool = torch.cuda.graph_pool_handle() if is_cuda else None
        self._graphs: OrderedDict[Hashable, tuple[list[Tensor], Captured]] = OrderedDict()

    @property
    def are_used(self) -> bool:
        """Whether the function runs as graphs, and not by calls."""
        return self._capture is not None

    def __call__(self, *inputs: Any, **settings: Hashable) -> Tensor:
        """Return the function of `inputs`, tensors on any device; valid until the next call."""
        if self._capture is None:
            return self._function(*inputs, **settings)
        key = (tuple((x.shape, x.dtype) for x in inputs), tuple(sorted(settings.items())))
        if key not in self._graphs:
            self._add(key, inputs, settings)
        self._graphs.move_to_end(key)
        buffers, (replay, result) = self._graphs[key]
        for buffer, x in zip(buffers, inputs):
            buffer.copy_(x, non_blocking=True)
        replay()
        return result

    def of_rows(self, rows: Tensor, *inputs: Tensor, **settings: Hashable) -> Tensor:
        """Return the function of rows (P, N) and `inputs`, cut to its first P rows.

        For a graph, `rows` are padded with zeros to one of few sizes. There is no graph for more
        rows than the largest size.
        """
        people = len(rows)
        if self._capture is None or people > _SIZES[-1]:
            return self._function(*(x.to(self._device) for x in (rows, *inputs)), **settings)
        size = next(s for s in _SIZES if s >= people)
        return self(functional.pad(rows, (0, 0, 0, size - people)), *inputs, **settings)[:people]

    def close(self) -> None:
        """Free all graphs and their memory; the next call captures again."""
        self._graphs.clear()

    def _add(self, key: Hashable, inputs: tuple[Tensor, ...],
             settings: dict[str, Hashable]) -> None:
        if len(self._graphs) == _MOST_GRAPHS:
            self._graphs.popitem(last=False)  # the one not used for longest
        buffers = [torch.zeros_like(x, device=self._device) for x in inputs]
        operations = partial(self._function, *buffers, **settings)
        self._graphs[key] = buffers, self._capture(operations, self._device, self._pool)


def capture_cuda_graph(operations: Operations, device: torch.device, pool: Pool | None) -> Captured:
    """Return a CUDA graph of `operations`, which allocates in `pool`.

    The mode is that of this thread: what other threads do is neither captured nor forbidden. They
    must not wait for the whole device meanwhile, only for their stream.
    """
    with _capturing, torch.cuda.device(device):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP_RUNS):
                operations()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool, stream, capture_error_mode='thread_local'):
            result = operations()
        torch.cuda.current_stream().wait_stream(stream)
    return graph.replay, result
