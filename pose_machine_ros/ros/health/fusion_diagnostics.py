# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion node's health as diagnostic_msgs/DiagnosticArray, for `/diagnostics`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray

from pose_machine_ros.ros.health.diagnostics import (
    DiagnosticsConfig, ERROR, latency_finding, number, OK, rate_finding, status_message, WARN)
from pose_machine_ros.ros.health.statistics import FrameSummary


@dataclass(frozen=True)
class InputHealth:
    """State of one input at one moment."""

    age: float  # seconds since its newest message, or since the start
    complaints: list[str]


@dataclass(frozen=True)
class FusionHealth:
    """State of the fusion node at one moment."""

    rounds: FrameSummary
    busy_seconds: float  # that the current round has taken so far; 0 if there is none
    idle_reason: str | None  # None if the node works
    inputs: dict[str, InputHealth]  # by topic
    residuals: dict[str, float]  # of each camera, in standard deviations; NaN if unknown
    target_frame: str


def diagnose(health: FusionHealth, config: DiagnosticsConfig) -> tuple[bytes, str]:
    """Return the highest level of all findings, and their texts as one message."""
    if health.idle_reason:
        return OK, health.idle_reason
    findings = list(_findings(health, config))
    if not findings:
        return OK, f'{health.rounds.people} people, {len(health.inputs)} cameras'
    return max(level for level, _ in findings), '; '.join(text for _, text in findings)


def _findings(health: FusionHealth, config: DiagnosticsConfig) -> Iterator[tuple[bytes, str]]:
    rounds = health.rounds
    youngest = min(state.age for state in health.inputs.values())
    if youngest > config.warn_age:
        yield (ERROR if youngest > config.error_age else WARN,
               f'no skeletons on any input for {youngest:.1f} s')
    for topic, state in health.inputs.items():
        if complaints := state.complaints:
            yield WARN, f'{topic}: {", ".join(complaints)}'
    if health.busy_seconds > config.warn_age:
        yield (ERROR if health.busy_seconds > config.error_age else WARN,
               f'the current round has taken {health.busy_seconds:.1f} s so far: the machine is '
               'overloaded')
    yield from latency_finding(rounds, config)
    yield from rate_finding(rounds, config)


def fusion_diagnostics_message(name: str, stamp: Time, health: FusionHealth,
                               config: DiagnosticsConfig) -> DiagnosticArray:
    """Return the message of the node with this full name."""
    rounds = health.rounds
    values = {
        'working': str(health.idle_reason is None),
        'results in, 1/s': f'{rounds.received / rounds.seconds:.1f}',
        'rounds, 1/s': f'{len(rounds.latencies_ms) / rounds.seconds:.1f}',
        'dropped': str(rounds.dropped),
        'late': str(rounds.late),
        'not usable': str(rounds.failed),
        'latency p50, ms': number(rounds.latency_ms(50)),
        'latency p95, ms': number(rounds.latency_ms(95)),
        'fusion p50, ms': number(rounds.inference_ms(50)),
        'fusion p95, ms': number(rounds.inference_ms(95)),
        'people': str(rounds.people),
        **{f'input {topic}': ', '.join(state.complaints) or f'{state.age:.2f} s ago'
           for topic, state in health.inputs.items()},
        **{f'reprojection of {camera}, sigma': f'{residual:.1f}'
           for camera, residual in health.residuals.items() if math.isfinite(residual)}}
    return status_message(name, health.target_frame, stamp, *diagnose(health, config), values)
