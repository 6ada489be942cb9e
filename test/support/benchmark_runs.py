# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Runs of the benchmark with made-up figures."""

from __future__ import annotations

from pose_machine_ros.benchmark.percentiles import NAMES


def times(ms: float) -> dict[str, float]:
    """Return percentiles from `ms` on."""
    return {name: ms * (1 + i) for i, name in enumerate(NAMES)}


def case(people: int | None = 1, cameras: int = 1, size: str = '1280x720', ms: float = 10.0,
         arrangement: str = 'one process', is_paced: bool = False) -> dict:
    """Return the figures of a measurement without ROS, whose median is `ms`."""
    return {'footage': 'as filmed' if people is None else f'montage of {people}', 'people': people,
            'cameras': cameras, 'size': size, 'arrangement': arrangement, 'frames': 200,
            'is_paced': is_paced,
            'people_seen': 1.0, 'frames_per_second': 1e3 / ms, 'cpu_ms': ms + 1,
            'torch_calls': 100.0, 'torch_kernels': 60.0, 'memory_mb': 500.0,
            'peak_memory_mb': 600.0, 'first_frame_ms': 20.0, 'other_cores': 0.1,
            'stages_ms': {stage: {**times(ms), 'frames': 200} for stage in ('lift', 'total')}}


def over_ros() -> dict:
    """Return the figures of a measurement over ROS."""
    return {'footage': 'montage of 1', 'people': 1, 'size': '1280x720', 'people_seen': 1,
            'sent': 200, 'received': 190, 'frames_per_second': 28.5, 'latency_ms': times(30.0),
            'cpu_ms': {'camera': 2.0, 'node': 31.0, 'subscriber': 1.0}, 'other_cores': 1.1,
            'memory_mb': {'camera': 100.0, 'node': 800.0, 'subscriber': 90.0}}


def compared(method: str, **figures: object) -> dict:
    """Return a row of a comparison."""
    return {'method': method, 'footage': 'montage of 1', 'people': 1, 'size': '1280x720',
            **figures}


def run(beside: int = 0, backend: str = 'auto', **rows: list[dict]) -> dict:
    """Return a run with rows by kind."""
    return {'date': '2026-01-02 03:04 UTC', 'command': 'pose-machine benchmark', 'beside': beside,
            'machine': {'processor': 'abacus, 2 cores', 'device': 'cpu', 'python': '3.11',
                        'torch': '2.6', 'onnxruntime': '1.2', 'openvino': 'not installed',
                        'backend': backend},
            'video': 'demo.mp4', 'correction': 'geometric', 'load': 0.2,
            'cases': [], 'over_ros': [], 'comparison': [], **rows}
