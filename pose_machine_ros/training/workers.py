# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several processes that train one network together, as torchrun starts them."""

from __future__ import annotations

from collections.abc import Iterable
import os

import torch
from torch import distributed, nn


class Workers:
    """This process among its peers; alone where torchrun did not start it.

    Every worker draws batches of its own, and all take the same step: the mean of their gradients.
    """

    def __init__(self, device: torch.device) -> None:
        self.rank = int(os.environ.get('RANK', 0))
        self.count = int(os.environ.get('WORLD_SIZE', 1))
        self._device = device
        if self.count > 1 and not distributed.is_initialized():
            distributed.init_process_group('nccl' if device.type == 'cuda' else 'gloo')

    def close(self) -> None:
        """Leave the others, once all are done: gloo's threads abort a process that just ends."""
        if self.count > 1:
            distributed.barrier()
            distributed.destroy_process_group()

    @property
    def is_first(self) -> bool:
        """Whether this is the worker that writes files and prints."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace the gradients by their mean over the workers."""
        if self.count == 1:
            return
        parameters = [p for p in parameters if p.requires_grad]
        for p in parameters:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        flat = nn.utils.parameters_to_vector([p.grad for p in parameters])
        distributed.all_reduce(flat)
        nn.utils.vector_to_parameters(flat / self.count, [p.grad for p in parameters])

    def first_says(self, value: float) -> float:
        """Return the first worker's value, so that all stop at the same step."""
        if self.count == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self._device)
        distributed.broadcast(shared, 0)
        return float(shared)


def local_device(device: torch.device) -> torch.device:
    """Return this worker's own card where the workers share a machine with several."""
    if device.type == 'cuda' and 'LOCAL_RANK' in os.environ:
        return torch.device('cuda', int(os.environ['LOCAL_RANK']))
    return device
