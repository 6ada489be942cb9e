# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the networks run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import ctypes
import functools

import torch

from pose_machine_ros.errors import DeviceError, InputError


def pick_device(name: torch.device | str = 'auto') -> torch.device:
    """Return the device called `name`; 'auto' is the GPU where there is one.

    Raises InputError for a name torch does not know and for a GPU that is not there.
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
        raise InputError(f'device = {name!r} is not there: torch sees {torch.cuda.device_count()} '
                         'GPUs; use auto or cpu, or install a torch built for your GPU')
    return device


def out_of_memory_error(error: torch.OutOfMemoryError) -> DeviceError:
    """Return what a user is to be told where the device's memory did not do."""
    reason = '. '.join(str(error).split('. ')[:3])  # what it wanted, and what there was
    return DeviceError(
        f'the memory of the device is full ({reason}): end what else uses it, lower max_people or '
        'keypoints2d.detector_size, or set device to cpu')


@contextmanager
def explain_memory_errors() -> Iterator[None]:
    """Raise a DeviceError where the device's memory does not do."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise out_of_memory_error(error) from error


def release_memory() -> None:
    """Give what was freed back to the GPU and to the system; both allocators hoard it otherwise."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if trim := getattr(ctypes.CDLL(None), 'malloc_trim', None):  # of glibc
        trim(0)


def single_thread(function: Callable) -> Callable:
    """Run a function of many small tensor operations on one CPU thread.

    A second thread makes each of them slower, a hundred times so when another process keeps the
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
