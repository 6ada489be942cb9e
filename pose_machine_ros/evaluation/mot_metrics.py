# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether everybody is told, nobody is made up, and each keeps one id."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

SAME = 0.5  # similarity from which a told person may be the true one


@dataclass(frozen=True)
class FrameMatch:
    """One frame of P true people, of whom N are told."""

    ids: list[str]  # (N,) of those told as seen in this frame
    similarity: np.ndarray  # (P, N) in [0, 1]
    visible: np.ndarray  # (P,) bool; who is not may be told, but need not


def follow(sightings: list[FrameMatch]) -> list[dict[int, str]]:
    """Return for each frame which id each true person goes by.

    As CLEAR MOT (Bernardin and Stiefelhagen, 2008) has it: whoever still fits keeps the id of the
    frame before, the others are assigned by similarity.
    """
    result: list[dict[int, str]] = []
    last: dict[int, str] = {}
    for seen in sightings:
        fits = np.where(seen.similarity >= SAME, seen.similarity, 0.0)
        for person, identity in last.items():
            if identity in seen.ids and fits[person, seen.ids.index(identity)] > 0:
                fits[person, seen.ids.index(identity)] += 2  # more than any other could bring
        rows, columns = linear_sum_assignment(-fits)
        now = {int(p): seen.ids[n] for p, n in zip(rows, columns) if fits[p, n] > 0}
        last |= now
        result.append(now)
    return result


def measure(sightings: list[FrameMatch]) -> dict[str, float]:
    """Count over a clip.

    `ground_truth`: people who are visible, summed over the frames; `predictions`: skeletons
    reported for them; `false_negatives` and `false_positives`; `switches`: how often a person has
    another id than before; `people` and `ids`: how many of them; `idf1_numerator` and
    `idf1_denominator`: twice the true positives of IDF1 (Ristani et al., 2016) and what they are
    divided by.
    """
    followed = follow(sightings)
    ids = sorted({i for seen in sightings for i in seen.ids})
    people = len(sightings[0].visible)
    together = np.zeros((people, len(ids)))
    counts = dict.fromkeys(
        ('ground_truth', 'predictions', 'false_negatives', 'false_positives', 'switches'), 0)
    last: dict[int, str] = {}
    for seen, now in zip(sightings, followed):
        visible = set(np.flatnonzero(seen.visible).tolist())
        fits = seen.similarity.max(0, initial=0) >= SAME
        matched = set(now.values())
        # A second skeleton on one person is made up just as one on nobody is.
        counts['false_positives'] += sum(i not in matched for i in seen.ids)
        counts['ground_truth'] += len(visible)
        counts['false_negatives'] += len(visible - now.keys())
        counts['switches'] += sum(last.get(p, i) != i for p, i in now.items())
        aside = {i for p, i in now.items() if p not in visible}
        counts['predictions'] += len(set(seen.ids) - aside)
        for n, identity in enumerate(seen.ids):
            if fits[n] and identity not in aside:
                for person in visible:
                    if seen.similarity[person, n] >= SAME:
                        together[person, ids.index(identity)] += 1
        last |= now
    best = together[linear_sum_assignment(-together)].sum()
    return {**counts, 'people': people, 'ids': len(ids), 'idf1_numerator': 2 * best,
            'idf1_denominator': counts['ground_truth'] + counts['predictions']}
