# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
import functools
import os
import time

from hypothesis import is_hypothesis_test, settings
import pytest
import torch

# The tests' tensors are small: a second thread would only wait for the first.
torch.set_num_threads(1)

# The suite draws the same inputs every time and everywhere; only `make fuzz` draws others. None has
# a deadline, which a busy machine would miss.
settings.register_profile('suite', derandomize=True, database=None, deadline=None)
settings.register_profile('fuzz', derandomize=False, database=None, deadline=None, print_blob=True)
settings.load_profile('suite')

_FUZZ_END = os.environ.get('POSE_MACHINE_FUZZ_END')  # seconds since the epoch; see fuzz.py


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no search once the time of `make fuzz` is over, and try no more inputs."""
    if _FUZZ_END is None:
        return
    end = float(_FUZZ_END)
    if time.time() > end:
        pytest.skip('the time is over')
    if is_hypothesis_test(item.obj):
        handle = item.obj.hypothesis
        handle.inner_test = _until(end, handle.inner_test)


def _until(end: float, test: Callable[..., None]) -> Callable[..., None]:
    """Return `test`, of a search that ends then, unless it has found something to make small."""
    has_failed = False

    @functools.wraps(test)
    def tried(*arguments: object, **keywords: object) -> None:
        nonlocal has_failed
        if time.time() > end and not has_failed:
            return
        try:
            test(*arguments, **keywords)
        except Exception:
            has_failed = True
            raise
    return tried
