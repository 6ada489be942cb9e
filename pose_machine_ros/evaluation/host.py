# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The machine that figures were measured on, and what else it does."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
import os
from pathlib import Path
import platform

import psutil
import torch

_IDLE = ('idle', 'iowait', 'guest', 'guest_nice')  # guests also count as user


def describe_host(device: torch.device) -> dict[str, str]:
    """Return the processor, the device and the versions of the libraries."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
        processor = next(x.partition(': ')[2] for x in lines if x.startswith('model name'))
    except (OSError, StopIteration):
        pass
    name = torch.cuda.get_device_name(device) if device.type == 'cuda' else 'cpu'
    return {'processor': f'{processor}, {os.cpu_count()} cores', 'device': name,
            'python': platform.python_version(), 'torch': torch.__version__,
            **{package: _version(package) for package in ('onnxruntime', 'openvino')}}


def busy_seconds() -> float:
    """Return the seconds of all cores, since the machine started, that were not idle."""
    times = psutil.cpu_times()._asdict()
    return sum(seconds for name, seconds in times.items() if name not in _IDLE)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'not installed'
