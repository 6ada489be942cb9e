# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is drawn at random is the same in every run of the suite; only `make fuzz` varies it."""

from __future__ import annotations

from collections.abc import Callable
import functools
import os
import random
import time
import zlib

from hypothesis import is_hypothesis_test, settings
from hypothesis.errors import UnsatisfiedAssumption
import numpy as np
import pytest
import torch

# The tests' tensors are small: a second thread would only wait for the first.
torch.set_num_threads(1)

# No example has a deadline, which a busy machine would miss.
settings.register_profile('suite', derandomize=True, database=None, deadline=None)
settings.register_profile('fuzz', derandomize=False, database=None, deadline=None, print_blob=True)
settings.load_profile('suite')

# Both from fuzz.py
_SEED = os.environ.get('POSE_MACHINE_FUZZ_SEED', '')
_END = float(os.environ.get('POSE_MACHINE_FUZZ_END', 'inf'))  # seconds since the epoch


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin no search once the time of `make fuzz` is over, and try no more inputs."""
    if time.time() > _END:
        pytest.skip('the time is over')
    if _END < float('inf') and is_hypothesis_test(item.obj):
        handle = item.obj.hypothesis
        handle.inner_test = _until(_END, handle.inner_test)


@pytest.fixture(autouse=True)
def seeds(request: pytest.FixtureRequest) -> None:
    """Seed what tests draw from without a generator of their own, each test differently."""
    seed = zlib.crc32((request.node.nodeid + _SEED).encode())
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


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
        except UnsatisfiedAssumption:  # an input that the test does not want
            raise
        except Exception:
            has_failed = True
            raise
    return tried
