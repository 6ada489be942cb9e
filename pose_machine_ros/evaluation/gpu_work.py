# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How long a GPU needs for a frame at least: the bytes and the operations, over its peaks."""

from __future__ import annotations

from collections.abc import Callable
import time

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from pose_machine_ros.torch_calls import TorchCallCounter

_COPIED = 2 ** 28  # bytes
_SIDE = 4096  # of the matrices
_REPEATS = 20


class WorkCounter(TorchCallCounter):
    """Counts calls as TorchCallCounter, and the bytes that the computing ones read and write."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = 0

    def __torch_dispatch__(self, operation: Callable, types: object, arguments: tuple = (),
                           options: dict | None = None) -> object:
        before = self.kernels
        result = super().__torch_dispatch__(operation, types, arguments, options)
        if self.kernels > before:
            self.moved += sum(x.numel() * x.element_size() for x in tree_leaves(
                (arguments, options, result)) if isinstance(x, Tensor))
        return result


def count_work(function: Callable[[], object]) -> dict[str, float]:
    """Return `kernels`, `moved_mb` and `gflop` of a function; it runs as calls, not as a graph."""
    with WorkCounter() as counter:
        function()
    with FlopCounterMode(display=False) as flops:
        function()
    return {'kernels': counter.kernels, 'moved_mb': counter.moved / 1e6,
            'gflop': flops.get_total_flops() / 1e9}


def measure_peaks(device: torch.device) -> dict[str, float]:
    """Return the measured `gb_per_s` of a copy and `tflop_per_s` of a product in half precision.

    With `gb_per_s_nominal` of the memory, where torch knows it.
    """
    source = torch.zeros(_COPIED, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    seconds = _seconds(lambda: target.copy_(source), device)
    matrix = torch.randn(_SIDE, _SIDE, device=device).half()
    product = _seconds(lambda: matrix @ matrix, device)
    peaks = {'gb_per_s': 2 * _COPIED / seconds / 1e9,
             'tflop_per_s': 2 * _SIDE ** 3 / product / 1e12}
    properties = torch.cuda.get_device_properties(device)
    if clock := getattr(properties, 'memory_clock_rate', 0):  # kHz, two transfers in each
        peaks['gb_per_s_nominal'] = 2 * clock * 1e3 * properties.memory_bus_width / 8 / 1e9
    return peaks


def floor_ms(work: dict[str, float], peaks: dict[str, float]) -> float:
    """Return the least milliseconds for work as separate operations."""
    return max(work['moved_mb'] / peaks['gb_per_s'], work['gflop'] / peaks['tflop_per_s'])


def _seconds(function: Callable[[], object], device: torch.device) -> float:
    for _ in range(3):
        function()
    torch.cuda.synchronize(device)
    start = time.perf_counter()
    for _ in range(_REPEATS):
        function()
    torch.cuda.synchronize(device)
    return (time.perf_counter() - start) / _REPEATS
