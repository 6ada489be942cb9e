# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with each input, for the log and for the diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
import re
import threading
import time

from rclpy.impl.rcutils_logger import RcutilsLogger

_LOG_PERIOD = 10.0  # seconds between two log lines about the same


@dataclass
class _Complaint:
    text: str
    since: float  # monotonic seconds
    is_told: bool = False


class Complaints:
    """Keeps one complaint of each kind about each input, until it is cleared; from any thread.

    A complaint is logged once when it comes up, and when it is cleared.
    """

    def __init__(self, logger: RcutilsLogger) -> None:
        self._logger = logger
        self._lock = threading.Lock()
        self._complaints: dict[tuple[str, str], _Complaint] = {}  # by input and kind
        # Monotonic seconds, by input, kind and text without numbers
        self._logged: dict[tuple[str, str, str], float] = {}

    def set(self, about: str, kind: str, text: str | None, after: float = 0.0) -> None:
        """Complain about an input, or clear the complaint of this kind if `text` is None.

        A complaint that does not last for `after` seconds is not told.
        """
        with self._lock:
            key = about, kind
            if text is None:
                complaint = self._complaints.pop(key, None)
                if complaint is not None and complaint.is_told:
                    self._tell_end(about, kind)
                return
            now = time.monotonic()
            complaint = self._complaints.setdefault(key, _Complaint(text, now))
            complaint.text = text
            if not complaint.is_told and now - complaint.since >= after:
                complaint.is_told = True
                self._tell(about, kind, text)

    def forget(self, about: str, but: str) -> None:
        """Forget the complaints about an input that is silent, but those of one kind."""
        with self._lock:
            for key in [k for k in self._complaints if k[0] == about and k[1] != but]:
                del self._complaints[key]

    def clear(self) -> None:
        """Forget all complaints."""
        with self._lock:
            self._complaints.clear()

    def about(self, name: str) -> list[str]:
        """Return the complaints about an input."""
        with self._lock:
            return [complaint.text for (about, _), complaint in self._complaints.items()
                    if about == name and complaint.is_told]

    def _tell(self, about: str, kind: str, text: str) -> None:
        if self._is_due(about, kind, text):
            self._logger.warning(f'{about}: {text}')

    def _tell_end(self, about: str, kind: str) -> None:
        text = 'in order again'
        if self._is_due(about, kind, text):
            self._logger.info(f'{about}: {text}')

    def _is_due(self, about: str, kind: str, text: str) -> bool:
        """Return whether a text was not logged recently, whatever its numbers.

        An input may be in and out of order repeatedly.
        """
        now, what = time.monotonic(), (about, kind, re.sub(r'[-\d.]+', '', text))
        self._logged = {w: at for w, at in self._logged.items() if now - at < _LOG_PERIOD}
        return self._logged.setdefault(what, now) == now
