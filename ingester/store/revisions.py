"""An article as rows: what it says, what was cut from it, and what it is found by."""

import json
from array import array
from typing import Any

import numpy as np

from ingester import events, minhash
from ingester.models import Article, Signed, StoryId
from ingester.store.archive import Query, query
from ingester.store.groups import Arrival
from ingester.store.queue import claimed_time, sha256


def article(arrival: Arrival, story_id: StoryId, page_id: int, signed: Signed) -> Query:
    """The write of an article with all that belongs to it, which settles its entry."""
    return query(
        "write_article",
        id=arrival.id,
        entry_id=arrival.entry_id,
        url=arrival.url,
        url_sha256=sha256(arrival.url),
        outlet_id=arrival.outlet_id,
        story_id=story_id,
        revision=arrival.revision,
        first_seen_at=arrival.first_seen,
        page_id=page_id,
        **_said(signed.article),
        **_cut(signed.article),
        body_sha256=signed.body_sha256,
        day=arrival.day,
        since=arrival.since,
        **_found_by(signed),
    )


def _said(article: Article) -> dict[str, Any]:
    agency = article.agency
    return {
        "title": article.title,
        "text": article.text,
        "signed_text": None if article.signed_text == article.text else article.signed_text,
        "description": article.description,
        "authors": list(article.authors),
        **claimed_time(article.published),
        "published_source": article.published and article.published.source,
        "modified_at": article.modified and article.modified.at,
        "agency": agency and agency.name,
        "agency_evidence": agency and agency.evidence,
        "section": article.section,
        "language": article.language,
        "canonical_url": article.canonical_url,
        "image": article.image,
        "form": article.form,
        "extractor": article.extractor,
        "confidence": article.confidence,
        "sources": json.dumps(dict(article.sources)),
    }


def _cut(article: Article) -> dict[str, Any]:
    return {
        "cut_lines": [cut.line for cut in article.removed],
        "cut_kinds": [cut.kind for cut in article.removed],
        "cut_texts": [cut.text for cut in article.removed],
        "cut_softs": [cut.soft for cut in article.removed],
    }


def _found_by(signed: Signed) -> dict[str, Any]:
    return {
        "scheme": minhash.SCHEME,
        "permutations": minhash.PERMUTATIONS,
        "seed_id": 1,
        "shingler": minhash.SHINGLER,
        "vocabulary": events.VOCABULARY,
        "tokens": signed.tokens,
        "hashes": np.array(signed.values, dtype="<u8").tobytes(),
        "terms": signed.vector.terms,
        "weights": signed.vector.weights,
        "keys": array("q", signed.keys),
        "term_keys": array("q", signed.term_keys),
    }
