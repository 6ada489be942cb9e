# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node's health as diagnostic_msgs/DiagnosticArray, for `/diagnostics`.

The message is filled in here, not by `diagnostic_updater`: its Python package exists as a Debian
package only, so that it would be a second path for the same message which the tests of this project
cannot run. The fields are used as `diagnostic_updater` does, one status for each node with level,
message, hardware_id (the image topic) and key-value pairs. The name is the fully qualified name of
the node, without ': TASK' behind it, so that nodes of the same name in several namespaces differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import math

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.health.depth_summary import DepthSummary
from pose_machine_ros.ros.health.statistics import FrameSummary
from pose_machine_ros.settings import check, setting

_ANOTHER_CLOCK = 60.0  # seconds; a higher latency means that the clocks differ
OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


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
class NodeHealth:
    """State of the node at one moment."""

    frames: FrameSummary
    image_age: float  # seconds since the newest image arrived, or since the start
    busy_seconds: float  # that the current frame has taken so far; 0 if there is none
    idle_reason: str | None  # None if the node processes images
    is_calibrated: bool | None  # None before the first image
    details: dict[str, str]  # device, backend, features, weights, correction, frames
    publishers: tuple[str, ...] = ()  # full names of the nodes, if several publish images
    calibration: str = ''  # reason why the camera is not calibrated, or a doubt about the values
    is_crowded: bool = False  # whether max_people are tracked and another person is in view
    pose_problem: str = ''  # why TF does not tell where the camera is in target_frame
    floor_problem: str = ''  # why TF does not tell where the floor is
    depth: DepthSummary | None = None  # None if depth is not enabled


def diagnose(health: NodeHealth, config: DiagnosticsConfig) -> tuple[bytes, str]:
    """Return the highest level of all findings, and their texts as one message."""
    if health.idle_reason:
        return OK, health.idle_reason
    findings = list(_findings(health, config))
    if not findings:
        return OK, f'{health.frames.people} people'
    return max(level for level, _ in findings), '; '.join(text for _, text in findings)


def _findings(health: NodeHealth, config: DiagnosticsConfig) -> Iterator[tuple[bytes, str]]:
    frames = health.frames
    processed = len(frames.latencies_ms)
    if health.image_age > config.warn_age:
        yield (ERROR if health.image_age > config.error_age else WARN,
               f'no image for {health.image_age:.1f} s')
    if health.busy_seconds > config.warn_age:
        yield (ERROR if health.busy_seconds > config.error_age else WARN,
               f'the current frame has taken {health.busy_seconds:.1f} s so far: the device is '
               'overloaded, or hangs')
    if frames.failed:
        yield (WARN if processed else ERROR,
               f'{frames.failed} of {frames.received} images not usable')
    if frames.late > processed:
        yield (WARN, f'{frames.late} of {frames.received} images late: look for a second camera '
               'on the topic, or a clock that was set back')
    if health.publishers:
        yield WARN, f'several nodes publish images: {", ".join(health.publishers)}'
    yield from latency_finding(frames, config)
    yield from rate_finding(frames, config)
    if health.is_calibrated is False:
        yield WARN, health.calibration or 'the camera is not calibrated: distances are guesses'
    if health.pose_problem:
        yield ERROR, f'people are not published: {health.pose_problem}'
    if health.floor_problem:
        yield WARN, f'the floor is not known: {health.floor_problem}'
    for problem in health.depth.problems if health.depth else ():
        yield WARN, f'depth: {problem}'
    if health.is_crowded:
        yield WARN, 'max_people people are tracked, and another person is in view'


def latency_finding(frames: FrameSummary, config: DiagnosticsConfig
                    ) -> Iterator[tuple[bytes, str]]:
    """Yield level and text if the latency is beyond a limit."""
    median, latency = (frames.latency_ms(percent) * 1e-3 for percent in (50, 95))
    if median < -config.warn_latency or median > _ANOTHER_CLOCK:
        yield (ERROR if abs(median) > config.error_latency else WARN,
               f'latency p50 is {median:.1f} s: the stamps are of another clock; set use_sim_time '
               'if a bag is played, otherwise synchronise the clocks')
    elif latency > config.warn_latency:
        yield (ERROR if latency > config.error_latency else WARN,
               f'latency p95 is {latency * 1e3:.0f} ms')


def rate_finding(frames: FrameSummary, config: DiagnosticsConfig) -> Iterator[tuple[bytes, str]]:
    """Yield level and text if the rate of results is below a limit."""
    rate = len(frames.latencies_ms) / frames.seconds
    if rate < config.warn_rate:
        yield ERROR if rate < config.error_rate else WARN, f'{rate:.1f} results a second'


def diagnostics_message(name: str, topic: str, stamp: Time, health: NodeHealth,
                        config: DiagnosticsConfig) -> DiagnosticArray:
    """Return the message of the node with this full name, which subscribes to `topic`."""
    frames, depth = health.frames, health.depth or DepthSummary()
    values = {
        'working': str(health.idle_reason is None),
        'images in, 1/s': f'{frames.received / frames.seconds:.1f}',
        'processed, 1/s': f'{len(frames.latencies_ms) / frames.seconds:.1f}',
        'dropped': str(frames.dropped),
        'late': str(frames.late),
        'not usable': str(frames.failed),
        'latency p50, ms': number(frames.latency_ms(50)),
        'latency p95, ms': number(frames.latency_ms(95)),
        'inference p50, ms': number(frames.inference_ms(50)),
        'inference p95, ms': number(frames.inference_ms(95)),
        'newest image, s ago': f'{health.image_age:.2f}',
        'people': str(frames.people),
        'max_people is reached': str(health.is_crowded),
        'calibrated': 'not known yet' if health.is_calibrated is None
        else str(health.is_calibrated),
        'calibration': health.calibration,
        'depth': 'off' if health.depth is None else '; '.join(depth.problems) or 'on',
        'depth in, 1/s': f'{depth.received / frames.seconds:.1f}',
        'images with depth, %': number(depth.matched_percent),
        'joints with depth, %': number(100 * depth.share),
        **health.details}
    return status_message(name, topic, stamp, *diagnose(health, config), values)


def status_message(name: str, hardware: str, stamp: Time, level: bytes, text: str,
                   values: Mapping[str, str]) -> DiagnosticArray:
    """Return the message with the one status of a node."""
    status = DiagnosticStatus(
        level=level, name=name, message=text, hardware_id=hardware,
        values=[KeyValue(key=key, value=value) for key, value in values.items()])
    message = DiagnosticArray(status=[status])
    message.header.stamp = stamp
    return message


def number(value: float) -> str:
    """Return a value with one decimal; 'none' if it is not finite."""
    return f'{value:.1f}' if math.isfinite(value) else 'none'
