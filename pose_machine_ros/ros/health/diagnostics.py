# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node's health as diagnostic_msgs/DiagnosticArray, for /diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.health.statistics import FrameSummary
from pose_machine_ros.settings import check, setting

_ANOTHER_CLOCK = 60.0  # seconds; no image is under way for so long
_OK, _WARN, _ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


@dataclass(frozen=True)
class DiagnosticsConfig:
    """Limits beyond which the health is WARN or ERROR."""

    warn_age: float = setting(
        1.0, 'WARN after this time without an image', unit='s', bounds=(0.01, 3600.0))
    error_age: float = setting(
        5.0, 'ERROR after this time without an image; not below warn_age', unit='s',
        bounds=(0.01, 3600.0))
    warn_latency: float = setting(
        0.2, 'WARN if the 95th percentile of the time from image stamp to publication is higher',
        unit='s', bounds=(0.001, 3600.0))
    error_latency: float = setting(
        1.0, 'ERROR if the 95th percentile of the time from image stamp to publication is higher; '
        'not below warn_latency', unit='s', bounds=(0.001, 3600.0))
    warn_rate: float = setting(
        0.0, 'WARN if the rate of results is lower', unit='Hz', bounds=(0.0, 1000.0), zero='never')
    error_rate: float = setting(
        0.0, 'ERROR if the rate of results is lower; not above warn_rate', unit='Hz',
        bounds=(0.0, 1000.0), zero='never')

    def __post_init__(self) -> None:
        check(self)
        if self.error_rate > self.warn_rate:
            raise InputError(f'diagnostics.error_rate = {self.error_rate} Hz is more than '
                             f'diagnostics.warn_rate = {self.warn_rate} Hz')
        for what in ('age', 'latency'):
            low, high = (getattr(self, f'{level}_{what}') for level in ('warn', 'error'))
            if low > high:
                raise InputError(f'diagnostics.warn_{what} = {low} s is more than '
                                 f'diagnostics.error_{what} = {high} s')


@dataclass(frozen=True)
class Health:
    """What is known of the node at one moment."""

    figures: FrameSummary
    age: float  # seconds since the newest image arrived, or since the start
    work: float  # seconds that the frame in work has taken so far; 0 for none
    reason_to_rest: str | None  # None while it works
    is_calibrated: bool | None  # None while no image was processed
    details: dict[str, str]  # what it works with: device, weights, correction
    publishers: tuple[str, ...] = ()  # full names of the nodes that send images, where several do
    calibration: str = ''  # why the camera is not calibrated, or what is doubtful about it
    crowded: bool = False  # whether max_people are followed, and somebody else is in view


def diagnose(health: Health, config: DiagnosticsConfig) -> tuple[bytes, str]:
    """Return the level and what is to be said; the worst of all findings."""
    if health.reason_to_rest:
        return _OK, health.reason_to_rest
    findings = list(_findings(health, config))
    if not findings:
        return _OK, f'{health.figures.people} people'
    return max(level for level, _ in findings), '; '.join(text for _, text in findings)


def _findings(health: Health, config: DiagnosticsConfig) -> Iterator[tuple[bytes, str]]:
    figures = health.figures
    processed = len(figures.latencies_ms)
    if health.age > config.warn_age:
        yield (_ERROR if health.age > config.error_age else _WARN,
               f'no image for {health.age:.1f} s')
    if health.work > config.warn_age:
        yield (_ERROR if health.work > config.error_age else _WARN,
               f'a frame is in work for {health.work:.1f} s: the device is overloaded, or hangs')
    if figures.failed:
        yield (_WARN if processed else _ERROR,
               f'{figures.failed} of {figures.received} images not usable')
    if figures.late > processed:
        yield (_WARN, f'{figures.late} of {figures.received} images late: look for a second camera '
               'on the topic, or a clock that was set back')
    if health.publishers:
        yield _WARN, f'several nodes publish images: {", ".join(health.publishers)}'
    usual, latency = (figures.latency_ms(percent) * 1e-3 for percent in (50, 95))
    if usual < -config.warn_latency or usual > _ANOTHER_CLOCK:
        yield (_ERROR if abs(usual) > config.error_latency else _WARN,
               f'latency p50 is {usual:.1f} s: the stamps are of another clock; set use_sim_time '
               'where a bag is played, else synchronise the clocks')
    elif latency > config.warn_latency:
        yield (_ERROR if latency > config.error_latency else _WARN,
               f'latency p95 is {latency * 1e3:.0f} ms')
    rate = processed / figures.seconds
    if rate < config.warn_rate:
        yield _ERROR if rate < config.error_rate else _WARN, f'{rate:.1f} results a second'
    if health.is_calibrated is False:
        yield _WARN, health.calibration or 'the camera is not calibrated: distances are guesses'
    if health.crowded:
        yield _WARN, 'as many people as max_people are followed, and somebody else is in view'


def diagnostics_message(name: str, topic: str, stamp: Time, health: Health,
                        config: DiagnosticsConfig) -> DiagnosticArray:
    """Return the message of the node called `name`, whose images come on `topic`."""
    figures = health.figures
    level, text = diagnose(health, config)
    values = {
        'working': str(health.reason_to_rest is None),
        'images in, 1/s': f'{figures.received / figures.seconds:.1f}',
        'processed, 1/s': f'{len(figures.latencies_ms) / figures.seconds:.1f}',
        'dropped': str(figures.dropped),
        'late': str(figures.late),
        'not usable': str(figures.failed),
        'latency p50, ms': _number(figures.latency_ms(50)),
        'latency p95, ms': _number(figures.latency_ms(95)),
        'inference p50, ms': _number(figures.inference_ms(50)),
        'inference p95, ms': _number(figures.inference_ms(95)),
        'newest image, s ago': f'{health.age:.2f}',
        'people': str(figures.people),
        'max_people is reached': str(health.crowded),
        'calibrated': 'not known yet' if health.is_calibrated is None
        else str(health.is_calibrated),
        'calibration': health.calibration,
        **health.details}
    status = DiagnosticStatus(
        level=level, name=name, message=text, hardware_id=topic,
        values=[KeyValue(key=key, value=value) for key, value in values.items()])
    message = DiagnosticArray(status=[status])
    message.header.stamp = stamp
    return message


def _number(value: float) -> str:
    return f'{value:.1f}' if math.isfinite(value) else 'none'
