# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Time measurements of the stages of a frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import time

import torch


class Stopwatch:
    """Sums up the milliseconds of each stage of one frame."""

    def __init__(self, device: torch.device | str = 'cpu') -> None:
        self._device = torch.device(device)
        self.milliseconds: dict[str, float] = {}

    def reset(self) -> None:
        """Forget the stages of the frame before."""
        self.milliseconds = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block and add it to stage `name`; nothing within a CUDA graph is timed."""
        if self._device.type == 'cuda' and torch.cuda.is_current_stream_capturing():
            yield
            return
        start = self._now()
        try:
            yield
        finally:
            elapsed = (self._now() - start) * 1e3
            self.milliseconds[name] = self.milliseconds.get(name, 0.0) + elapsed

    def _now(self) -> float:
        if self._device.type == 'cuda':  # kernels run asynchronously
            torch.cuda.current_stream(self._device).synchronize()
        return time.perf_counter()
