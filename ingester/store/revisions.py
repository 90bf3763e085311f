"""What an article says, and what it is found by, as rows."""

from datetime import date

import numpy as np
from sqlalchemy import Connection

from ingester import events, minhash
from ingester.models import ArticleId, Signed
from ingester.store.archive import run
from ingester.store.queue import claimed_time


def write_revision(
    connection: Connection, article_id: ArticleId, number: int, page_id: int, signed: Signed
) -> None:
    """Write what an article says now, and the lines that were cut from it."""
    article = signed.article
    agency = article.agency
    run(
        connection,
        "write_revision",
        article_id=article_id,
        number=number,
        page_id=page_id,
        title=article.title,
        text=article.text,
        signed_text=None if article.signed_text == article.text else article.signed_text,
        description=article.description,
        authors=list(article.authors),
        **claimed_time(article.published),
        published_source=article.published and article.published.source,
        modified_at=article.modified and article.modified.at,
        agency=agency and agency.name,
        agency_evidence=agency and agency.evidence,
        section=article.section,
        language=article.language,
        canonical_url=article.canonical_url,
        image=article.image,
        extractor=article.extractor,
        confidence=article.confidence,
        body_sha256=signed.body_sha256,
    )
    if article.removed:
        run(
            connection,
            "write_cuts",
            article_id=article_id,
            revision=number,
            lines=[cut.line for cut in article.removed],
            kinds=[cut.kind for cut in article.removed],
            texts=[cut.text for cut in article.removed],
            softs=[cut.soft for cut in article.removed],
        )


def write_signature(
    connection: Connection, article_id: ArticleId, day: date, signed: Signed
) -> None:
    """Write what an article is found by, under the day of its arrival."""
    run(
        connection,
        "write_signature",
        article_id=article_id,
        scheme=minhash.SCHEME,
        permutations=minhash.PERMUTATIONS,
        seed_id=1,
        shingler=minhash.SHINGLER,
        vocabulary=events.VOCABULARY,
        day=day,
        tokens=signed.tokens,
        hashes=np.array(signed.values, dtype="<u8").tobytes(),
        terms=list(signed.vector.terms),
        weights=list(signed.vector.weights),
    )
    keys, term_keys = list(signed.keys), list(signed.term_keys)
    run(connection, "write_keys", article_id=article_id, day=day, keys=keys, term_keys=term_keys)
