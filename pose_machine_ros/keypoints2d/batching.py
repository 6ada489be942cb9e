# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One network for several cameras, each with a thread of its own."""

from __future__ import annotations

from concurrent.futures import Future
import threading

import torch
from torch import Tensor

from pose_machine_ros.keypoints2d.backends import Runner

Request = tuple[Tensor, Future]  # images (B, H, W, 3), and the future of their maps


class BatchingRunner:
    """A runner that combines simultaneous requests of several threads into one batch.

    No thread waits for a batch to fill: the thread that finds the runner idle computes all requests
    that arrived while the runner was busy. If a batch fails, its requests are computed one by one,
    so that each error reaches the thread that caused it.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._turn = threading.Lock()  # held while the runner computes
        self._lock = threading.Lock()  # guards `_waiting`
        self._waiting: list[Request] = []

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        answer: Future = Future()
        with self._lock:
            self._waiting.append((images, answer))
        with self._turn:
            if not answer.done():
                with self._lock:
                    taken, self._waiting = self._waiting, []
                by_size: dict[torch.Size, list[Request]] = {}
                for request in taken:
                    by_size.setdefault(request[0].shape[1:], []).append(request)
                for requests in by_size.values():
                    self._compute(requests)
        return answer.result(timeout=0)  # has been computed

    def _compute(self, requests: list[Request]) -> None:
        counts = [len(images) for images, _ in requests]
        parts = None
        try:
            maps = self._runner(torch.cat([images for images, _ in requests]))
            parts = list(zip(*(m.split(counts) for m in maps)))
        except Exception as error:
            if len(requests) == 1:
                requests[0][1].set_exception(error)
                return
        if parts is None:  # outside of the except block, which keeps the failed batch in memory
            for request in requests:
                self._compute([request])
            return
        for (_, answer), part in zip(requests, parts):
            answer.set_result(part)
