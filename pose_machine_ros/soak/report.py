# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Reports of a soak: lines, a summary, a CSV file and a plot."""

from __future__ import annotations

from collections.abc import Sequence
import csv
from dataclasses import asdict, fields
from pathlib import Path
from statistics import median

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.soak.growth import complaints, growth, GrowthLimits, Sample, warm_up_seconds

HEADER = ('   time   memory threads handles  latency p50   p95   p99 ms     in/s  out/s  dropped'
          '  people')
_NAMES = tuple(f.name for f in fields(Sample))


def line(sample: Sample) -> str:
    """Return a sample as a line that fits HEADER."""
    p50, p95, p99 = ('-' if x is None else f'{x:.0f}' for x in (
        sample.latency_p50_ms, sample.latency_p95_ms, sample.latency_p99_ms))
    return (f'{sample.seconds:6.0f}s {sample.memory_mb:5.0f} MB {sample.threads:7} '
            f'{sample.handles:7}  {p50:>11} {p95:>5} {p99:>5}     {sample.sent / sample.span:7.1f} '
            f'{sample.processed / sample.span:6.1f} {max(sample.sent - sample.processed, 0):8} '
            f'{sample.people:7}')


def summary(samples: Sequence[Sample], limits: GrowthLimits) -> dict:
    """Return a summary of a soak for JSON; times in seconds, latencies in ms.

    Latencies are the medians of the percentiles of all samples after the warm-up.
    """
    warm = warm_up_seconds(samples[-1].seconds)
    after = [s for s in samples if s.seconds > warm]
    sent, processed = (sum(getattr(s, n) for s in samples) for n in ('sent', 'processed'))
    return {
        'seconds': samples[-1].seconds, 'warm_up_seconds': warm,
        'frames_sent': sent, 'frames_processed': processed, 'frames_dropped': sent - processed,
        'memory_mb': {'after_warm_up': after[0].memory_mb, 'end': samples[-1].memory_mb,
                      'most': max(s.memory_mb for s in samples)},
        'threads': samples[-1].threads, 'handles': samples[-1].handles,
        'latency_ms': {p: _known_median(getattr(s, f'latency_{p}_ms') for s in after)
                       for p in ('p50', 'p95', 'p99')},
        'growth_after_warm_up': growth(samples), 'limits': asdict(limits),
        'complaints': complaints(samples, limits)}


def write_csv(samples: Sequence[Sample], path: Path) -> None:
    """Write one line per sample; raises InputError if the file cannot be written."""
    try:
        with path.open('w', newline='') as file:
            writer = csv.DictWriter(file, _NAMES)
            writer.writeheader()
            writer.writerows(asdict(s) for s in samples)
    except OSError as error:
        raise InputError(f'cannot write {path}: {error}') from error


def plot(samples: Sequence[Sample], path: Path) -> None:
    """Draw memory, threads, handles, latency and frame rates over time.

    Raises InputError if the file cannot be written.
    """
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt

    def values(name: str) -> np.ndarray:
        return np.array([getattr(s, name) for s in samples], float)

    minutes = values('seconds') / 60
    figure, (memory, counts, latency, frames) = plt.subplots(
        4, 1, sharex=True, figsize=(9, 9), layout='constrained')
    memory.plot(minutes, values('memory_mb'))
    memory.set(ylabel='resident memory, MB', ylim=(0, values('memory_mb').max() * 1.15))
    counts.plot(minutes, values('threads'), label='threads')
    counts.plot(minutes, values('handles'), label='file handles')
    counts.set(ylim=(0, max(values('threads').max(), values('handles').max()) * 1.15))
    for name in ('p99', 'p95', 'p50'):
        latency.plot(minutes, values(f'latency_{name}_ms'), label=name)
    latency.set(ylabel='latency, ms', ylim=(0, None))
    frames.plot(minutes, values('sent') / values('span'), label='sent')
    frames.plot(minutes, values('processed') / values('span'), label='processed')
    frames.set(ylabel='frames/s', xlabel='minutes', ylim=(0, None))
    warm = warm_up_seconds(samples[-1].seconds) / 60
    for axes in (memory, counts, latency, frames):
        axes.axvspan(0, warm, color='0.93', label='warm-up')
        axes.legend(loc='upper left', bbox_to_anchor=(1, 1), fontsize='small')
        axes.grid(alpha=0.3)
    try:
        figure.savefig(path, dpi=100)
    except OSError as error:
        raise InputError(f'cannot write {path}: {error}') from error
    finally:
        plt.close(figure)


def _known_median(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return round(median(known), 1) if known else None
