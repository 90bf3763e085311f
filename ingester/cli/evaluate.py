"""`evaluate`: how well grouping does on labelled articles or pairs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ingester import engine as engines
from ingester import store
from ingester.cli.opening import scratch
from ingester.cli.options import Options
from ingester.cli.output import progress, table, write_json
from ingester.errors import ConfigurationError
from ingester.evaluation import gold, metrics, report, trial
from ingester.models import Failed
from ingester.settings import Settings

_FILE = click.Path(path_type=Path, dir_okay=False)
_SWEPT = 5  # hundredths between two rows of the sweep that is shown; JSON has them all
_AGREEMENT = ("precision", "recall", "f1", "b3", "b3_precision", "b3_recall", "ari")


@click.command()
@click.argument("labelled", metavar="[GOLD]", type=_FILE, required=False)
@click.option("--pairs", "pairs", metavar="PAIRS", type=_FILE,
              help="Labelled pairs instead: {a: {text, title?}, b: {...}, label: 0 or 1}.")  # fmt: skip
@click.option("--orders", default=3, show_default=True, type=click.IntRange(1),
              help="Orders of arrival to try: the file's own, then shuffled ones.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="All figures as one line of JSON.")
@click.pass_obj
def evaluate(
    options: Options, labelled: Path | None, pairs: Path | None, orders: int, as_json: bool
) -> int:
    """How well labelled articles are grouped.

    GOLD is JSONL of {id, text, title?, published?, outlet?, gold_story? and/or gold_event?}
    (`gold` stands for gold_event). The texts go the archive's own path, boilerplate and all, in a
    scratch schema of the database, which is dropped at the end. Stories are measured over the
    articles that have a gold_story, events over those that have a gold_event; the others are placed
    beside them. Stories are held against gold_event where no gold_story is given at all: then only
    their precision tells something. An article that was refused is a group of its own; the exit code
    is 1 if there is any. Where a gold group has too many pairs, a sample of them is measured, and
    named.

    \b
    Examples:
      ingester evaluate gold.jsonl
      ingester evaluate gold.jsonl --orders 5 --json | jq .events.ari
      ingester evaluate --pairs pairs.jsonl
    """
    if (labelled is None) == (pairs is None):
        raise ConfigurationError("name either a file of articles, or one of pairs with --pairs")
    settings = trial.every_text(options.start())
    figures = _of_articles(labelled, settings, orders) if labelled else _of_pairs(pairs, settings)
    if as_json:
        write_json(figures)
    else:
        click.echo("\n\n".join(_pairs_shown(figures) if pairs else _shown(figures)))
    return int(bool(figures["refused"]))


def _of_articles(path: Path, settings: Settings, orders: int) -> dict[str, Any]:
    rows = gold.articles(path)
    trials, sizes = [], []
    with engines.opened(settings.extract) as engine, progress("orders") as advance:
        for order in trial.orders(len(rows), orders):
            with scratch(settings) as held:
                trials.append(trial.place(held, engine, rows, order))
                sizes = [row._asdict() for row in store.index_sizes(held)]
            advance("tried")
    return {**report.report(rows, trials, settings.grouping), "sizes": sizes}


def _of_pairs(path: Path | None, settings: Settings) -> dict[str, Any]:
    assert path is not None  # noqa: S101 - the caller has one of the two
    labels, scores, refused = [], [], []
    for number, pair in enumerate(gold.pairs(path), start=1):
        result = trial.pair_scores(pair, settings)
        if isinstance(result, Failed):
            refused.append({"pair": number, "reason": result.reason.value, "detail": result.detail})
        labels.append(pair.label)
        scores.append((0.0, 0.0) if isinstance(result, Failed) else result)
    levels = {
        name: {"auc": metrics.auc(labels, values),
               "average_precision": metrics.average_precision(labels, values)}
        for name, values in zip(("story", "event"), zip(*scores, strict=True), strict=False)
    }  # fmt: skip
    return {"pairs": len(labels), "true": sum(labels), "refused": refused, **levels}


# --- tables -------------------------------------------------------------------------------------


def _pairs_shown(figures: Mapping[str, Any]) -> Iterator[str]:
    rows = [(name, *figures[name].values()) for name in ("story", "event") if name in figures]
    yield f"{figures['pairs']:,} pairs, {figures['true']:,} true"
    yield table(("score", "AUC", "average precision"), rows)
    yield from _refusals(figures)


def _shown(figures: Mapping[str, Any]) -> Iterator[str]:
    levels = {name: figures[name] for name in ("stories", "events") if name in figures}
    yield f"{figures['articles']:,} articles"
    yield table(
        ("", "labelled", *(name.replace("_", " ") for name in _AGREEMENT)),
        [
            (name, level["labelled"], *(level[key] for key in _AGREEMENT))
            for name, level in levels.items()
        ],
    )
    yield _titled("Pairs of one gold group, as far as each is measured", _pairs(figures["pairs"]))
    yield _titled(
        "Reuse: measured pairs of one gold group, by C5 of the texts as given", _reuse(figures)
    )
    yield _titled("Candidates of an article", _candidates(figures["candidates"]))
    for name, level in levels.items():
        yield _titled(f"{name.capitalize()}: the largest", _largest(level))
        for kind in ("merged", "missed"):
            title = f"{name.capitalize()}: {level[kind]['pairs']:,} pairs {kind}"
            yield _titled(title, _faults(level[kind]["shown"]))
        yield _titled(f"{name.capitalize()}: pairs by score", _sweep(level["sweep"]))
        yield _titled(f"{name.capitalize()}: orders of arrival", _orders(level))
    yield _titled("What articles are found by", _sizes(figures))
    yield from _refusals(figures)


def _titled(title: str, body: str) -> str:
    return f"{title}\n\n{body}"


def _pairs(pairs: Mapping[str, Any]) -> str:
    drawn = f"measured: at most {pairs['most']:,}, drawn by seed {pairs['seed']}"
    rows = [(name, *counted.values()) for name, counted in pairs["same"].items()]
    return table(("of the same", "pairs", drawn), rows)


def _reuse(figures: Mapping[str, Any]) -> str:
    return table(
        ("C5 from", "pairs", "in one story"), [tuple(r.values()) for r in figures["reuse"]]
    )


def _candidates(found: Mapping[str, Any]) -> str:
    recall = found["recall"]
    header = ("p50", "p95", "max", *(f"{name} pairs proposed" for name in recall))
    return table(header, [(found["p50"], found["p95"], found["max"], *recall.values())])


def _largest(level: Mapping[str, Any]) -> str:
    rows = [(g["size"], len(g["gold"]), g["first"]) for g in level["largest"]]
    return table(("articles", "gold groups in it", "one of them"), rows)


def _faults(shown: Sequence[Mapping[str, Any]]) -> str:
    return table(
        ("a", "b", "story score", "event score", "longest shared passage"),
        [tuple(f.values()) for f in shown],
    )


def _sweep(points: Sequence[Mapping[str, Any]]) -> str:
    rows = [(p["score"], p["precision"], p["recall"], p["in_band"])
            for p in points if round(p["score"] * 100) % _SWEPT == 0]  # fmt: skip
    return table(("from", "precision", "recall", "precision within .01"), rows)


def _orders(level: Mapping[str, Any]) -> str:
    rows = [
        (name, min(order[name] for order in level["orders"]), max(order[name] for order in level["orders"]))
        for name in _AGREEMENT
    ]  # fmt: skip
    return table(
        ("", "lowest", "highest"), [*rows, ("ari between any two", level["between_orders"], None)]
    )


def _sizes(figures: Mapping[str, Any]) -> str:
    articles = figures["articles"]
    return table(
        ("table", "rows", "rows an article", "bytes an article"),
        [
            (s["name"], s["rows"], s["rows"] / articles, s["bytes"] // articles)
            for s in figures["sizes"]
        ],
    )


def _refusals(figures: Mapping[str, Any]) -> Iterator[str]:
    if figures["refused"]:
        rows = [tuple(refused.values()) for refused in figures["refused"]]
        yield _titled(f"{len(rows):,} refused", table(("which", "reason", "detail"), rows))
