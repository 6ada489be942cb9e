# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The device that the networks run on, its memory, and threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import ctypes
import functools

import torch

from pose_machine_ros.errors import DeviceError, InputError


def pick_device(name: torch.device | str = 'auto') -> torch.device:
    """Return the device called `name`; 'auto' is the GPU if there is one, else the CPU.

    Raises InputError for an unknown name, and for a GPU that is not available.
    """
    if name == 'auto':
        return torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f'device = {name!r} is unknown; use auto, cpu, cuda or cuda:N') from error
    if device.type not in ('cpu', 'cuda'):
        raise InputError(f'device = {name!r} is not supported; use auto, cpu, cuda or cuda:N')
    if device.type == 'cuda' and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f'device = {name!r} is not available: torch finds '
                         f'{torch.cuda.device_count()} GPUs; use auto or cpu, or install a torch '
                         'built for your GPU')
    return device


@functools.cache
def index_tensor(indices: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Return `indices` on the device; the same tensor for every call, so nothing is copied."""
    return torch.tensor(indices, device=device)


def out_of_memory_error(error: torch.OutOfMemoryError) -> DeviceError:
    """Return the error for a user if there is not enough device memory."""
    reason = '. '.join(str(error).split('. ')[:3])  # the requested and the available memory
    return DeviceError(
        f'the memory of the device is full ({reason}): end other processes that use it, lower '
        'max_people or keypoints2d.detector_size, or set device to cpu')


@contextmanager
def explain_memory_errors() -> Iterator[None]:
    """Raise DeviceError if there is not enough device memory in the block."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise out_of_memory_error(error) from error


def release_memory() -> None:
    """Return freed memory, which the allocators keep, to the GPU and to the system."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if trim := getattr(ctypes.CDLL(None), 'malloc_trim', None):  # of glibc
        trim(0)


def single_thread(function: Callable) -> Callable:
    """Decorate a function of many small tensor operations to run on one CPU thread.

    More threads make such operations slower, up to a hundred times if another process keeps the
    cores busy.
    """
    @functools.wraps(function)
    def run(*args, **kwargs):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return function(*args, **kwargs)
        finally:
            torch.set_num_threads(threads)
    return run
