# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Multi-object tracking metrics: false negatives, false positives, id switches and IDF1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

MATCH_THRESHOLD = 0.5  # lowest similarity at which a prediction can match a true person


@dataclass(frozen=True)
class FrameSimilarity:
    """How similar N predicted skeletons are to P true people in one frame."""

    ids: list[str]  # (N,) of the predictions that the tracker reports as seen in this frame
    similarity: np.ndarray  # (P, N) in [0, 1]
    visible: np.ndarray  # (P,) bool; a prediction of a person who is not visible is ignored


def match_identities(frames: list[FrameSimilarity]) -> list[dict[int, str]]:
    """Return for each frame the predicted id of each matched person.

    As in CLEAR MOT (Bernardin and Stiefelhagen, 2008): a person keeps the match of the frame before
    while its similarity suffices; the others are assigned by similarity.
    """
    result: list[dict[int, str]] = []
    last: dict[int, str] = {}
    for frame in frames:
        gain = np.where(frame.similarity >= MATCH_THRESHOLD, frame.similarity, 0.0)
        for person, identity in last.items():
            if identity in frame.ids and gain[person, frame.ids.index(identity)] > 0:
                gain[person, frame.ids.index(identity)] += 2  # more than any other pair can gain
        rows, columns = linear_sum_assignment(-gain)
        matches = {int(p): frame.ids[n] for p, n in zip(rows, columns) if gain[p, n] > 0}
        last |= matches
        result.append(matches)
    return result


def evaluate_clip(frames: list[FrameSimilarity]) -> dict[str, float]:
    """Return the counts of a clip.

    `ground_truth`: visible people, summed over the frames; `predictions`: skeletons
    reported for them; `false_negatives` and `false_positives`; `switches`: how often the id of a
    person changes; `people` and `ids`: the number of people and of ids; `idf1_numerator` and
    `idf1_denominator`: twice the true positives of IDF1 (Ristani et al., 2016) and their divisor.
    """
    ids = sorted({i for frame in frames for i in frame.ids})
    people = len(frames[0].visible)
    shared_frames = np.zeros((people, len(ids)))  # in which an id fits a person
    counts = dict.fromkeys(
        ('ground_truth', 'predictions', 'false_negatives', 'false_positives', 'switches'), 0)
    last: dict[int, str] = {}
    for frame, matches in zip(frames, match_identities(frames)):
        visible = set(np.flatnonzero(frame.visible).tolist())
        fits = frame.similarity.max(0, initial=0) >= MATCH_THRESHOLD
        matched = set(matches.values())
        # A second skeleton on one person is a false positive, too.
        counts['false_positives'] += sum(i not in matched for i in frame.ids)
        counts['ground_truth'] += len(visible)
        counts['false_negatives'] += len(visible - matches.keys())
        counts['switches'] += sum(last.get(p, i) != i for p, i in matches.items())
        ignored = {i for p, i in matches.items() if p not in visible}
        counts['predictions'] += len(set(frame.ids) - ignored)
        for n, identity in enumerate(frame.ids):
            if fits[n] and identity not in ignored:
                for person in visible:
                    if frame.similarity[person, n] >= MATCH_THRESHOLD:
                        shared_frames[person, ids.index(identity)] += 1
        last |= matches
    best = shared_frames[linear_sum_assignment(-shared_frames)].sum()
    return {**counts, 'people': people, 'ids': len(ids), 'idf1_numerator': 2 * best,
            'idf1_denominator': counts['ground_truth'] + counts['predictions']}
