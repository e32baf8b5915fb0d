"""One table's turn in a publication: its steps, in order.

What belongs here: what is done to one table, step by step, and what one step leaves for the next. What doesn't: the
decisions (decide.py), the unit of writes (write.py), the order of the tables (publish.py).
"""

from collections.abc import Iterable, Sequence
from datetime import date

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import sql_text
from phase3_assets.catalog.tables import PublishedTable, published_table
from phase3_assets.publishing import audit as audits
from phase3_assets.publishing.audit import Finding
from phase3_assets.publishing.check import Verdict, check_queries, judge
from phase3_assets.publishing.decide import (
    Review,
    decide_computed,
    decide_without_computing,
    is_better_and_intact,
    is_held_back_as_before,
    is_known,
)
from phase3_assets.publishing.drift import Drift, content_query, find_drift, record_drift
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.records import new_publication_id
from phase3_assets.publishing.requests import GameOutcome, Request, TableReport
from phase3_assets.publishing.stage import compare_parameters, compare_sql, stage
from phase3_assets.publishing.survey import Survey
from phase3_assets.publishing.vocabulary import Outcome
from phase3_assets.publishing.work import Work
from phase3_assets.publishing.write import Writer
from phase3_assets.warehouse.interface import Answers, Row

Decisions = dict[tuple[str, str], Decision]
"""The latest decision by (table name, game_id)."""


class TableTurn:
    """One table's turn: take() walks through its steps. Only withdraw, clear and write change what readers see.

    On an engine that counts jobs, a turn needs one job to stage and judge, one to write, and one to look.
    """

    def __init__(self, work: Work, request: Request, table: PublishedTable, games: dict[str, Game]) -> None:
        self.work, self.request, self.table, self.games = work, request, table, games
        self.started, self._used_before = work.now(), work.session.usage()
        publication_id = new_publication_id(self.started)
        self.report = TableReport(table.name, publication_id)
        self._writer = Writer(work, table, games, publication_id, self.started)
        self._due: list[Game] = []
        """The games to compute."""
        self._recorded: list[GameOutcome] = []
        """The outcomes to write down."""
        self._strays: list[Drift] = []
        """Games to compute that have rows which no publication wrote and no step has removed yet."""
        self._staging: str | None = None
        self._reviews: dict[str, Review] = {}
        self._audited: list[Finding] = []
        """What the audit found on the work's dates, with the staged rows in place of their games' published ones."""

    def take(self, contents: Answers, surveyed: Survey, is_read: bool) -> list[Verdict]:
        """Publish the table and check what readers see. The report is complete afterwards.

        `contents` is what readers see (content_query) of the tables that this one reads, and of this one where the
        request repairs. Where another table of the request reads this one (`is_read`), this one's part of `contents` is
        updated. `surveyed` has all earlier decisions and verdicts.
        """
        self.foresee()
        self.withdraw()
        self.check_upstream(contents)
        self.clear(contents, surveyed.decisions)
        self.stage()
        self.decide()
        self.write()
        return self.look(contents, surveyed.answers, is_read)

    def foresee(self) -> None:
        """Separate the games to compute from those whose outcome is known without computing.

        A contested game is computed again as soon as any game of its date may change.
        """
        covered = filter(self.request.covers, self.games.values())
        foreseen = [(game, decide_without_computing(game, self.table, self.request)) for game in covered]
        moving = {game.game_date for game, plain in foreseen if plain is None or plain.outcome is Outcome.WITHDRAWN}
        for game, plain in foreseen:
            decision = game.decisions.get(self.table.name)
            is_contested = decision is not None and decision.is_contested and game.game_date in moving
            if plain is None or (plain.outcome is Outcome.QUARANTINED and is_contested):
                self._due.append(game)
            elif plain.outcome in (Outcome.UNCHANGED, Outcome.GATED) or is_known(game, self.table, plain):
                self.report.games.append(plain)
            else:
                self._recorded.append(plain)

    def withdraw(self) -> None:
        """Write withdrawals first, so that the other games are audited beside only the rows that stay."""
        withdrawn = [outcome for outcome in self._recorded if outcome.outcome is Outcome.WITHDRAWN]
        self._writer.write(withdrawn)
        self.report.games += withdrawn
        self._recorded = [outcome for outcome in self._recorded if outcome.outcome is not Outcome.WITHDRAWN]

    def check_upstream(self, contents: Answers) -> None:
        """Gate the games whose upstream rows were changed by hand: nothing is computed from such rows."""
        drifted: dict[str, Drift] = {}
        due = {game.game_id for game in self._due}
        for upstream in (published_table(name) for name in self.table.upstream if due):
            decisions = {
                (upstream.name, game.game_id): game.decisions[upstream.name]
                for game in self.games.values()
                if upstream.name in game.decisions
            }
            found = [
                drift
                for drift in find_drift(upstream, contents[upstream.name], decisions)
                if (upstream.name, drift.game_id) in decisions and drift.game_id in due
            ]
            # `phase3 verify` notes rows under a date that is not the game's. They gate the game until they are removed.
            own = [drift for drift in found if drift.game_date == self.games[drift.game_id].game_date]
            record_drift(self.work, upstream, own, decisions)
            for drift in found:
                self.games[drift.game_id].decisions[upstream.name] = decisions[upstream.name, drift.game_id]
                drifted[drift.game_id] = drift
        self.report.games += [
            GameOutcome(game.game_date, game.game_id, Outcome.GATED, _drift_reason(game, drifted[game.game_id]))
            for game in self._due
            if game.game_id in drifted
        ]
        self._due = [game for game in self._due if game.game_id not in drifted]

    def clear(self, contents: Answers, decisions: Decisions) -> None:
        """On a repair, remove rows that no publication wrote: inserted or moved by hand, or with lost records.

        Such rows of games to compute stay for now. They are replaced in one piece, so that no reader misses them.
        """
        if not self.request.repair:
            return
        found = find_drift(self.table, contents[self.table.name], decisions)
        asked = self.request.game_ids
        strays = [d for d in found if d.published_rows == 0 and (asked is None or d.game_id in asked)]
        computed = {(game.game_date, game.game_id) for game in self._due}
        self._strays = [stray for stray in strays if (stray.game_date, stray.game_id) in computed]
        self._writer.remove_strays([stray for stray in strays if stray not in self._strays])

    def stage(self) -> None:
        """Compute the due games' rows in staging, compare them with the published rows, and apply the rules."""
        if not self._due:
            return
        work = self.work
        parameters = compare_parameters(self.table, self._due)
        self._staging = stage(self.work.session, self.table, self._due, self.report.publication_id, self.started)
        answers = self.work.session.query_all(
            {
                "compare": (compare_sql(self.table.name).replace("staged_relation", self._staging), parameters),
                "findings": audits.query(self.table, self._staging, work.start, work.end, work.thresholds),
            },
            self.table.name,
        )
        self._reviews = {row["game_id"]: Review(row, []) for row in answers["compare"]}
        self._audited = audits.findings(answers["findings"])
        for finding in self._audited:
            if finding.game_id in self._reviews:
                self._reviews[finding.game_id].findings.append(finding)

    def decide(self) -> None:
        """Decide about every computed game. A game that is held back as before is not written down again."""
        contradicted = self._contradicted()
        for game in self._due:
            review, is_contradicted = self._reviews.get(game.game_id), game.game_id in contradicted
            decided = decide_computed(game, self.table, review, is_contradicted)
            is_old = is_held_back_as_before(game, self.table, decided)
            (self.report.games if is_old else self._recorded).append(decided)

    def write(self) -> None:
        """Make the rows of the games that passed visible, and write all outcomes down."""
        self._writer.write(self._recorded, self._reviews, self._staging)
        replaced = {outcome.game_id for outcome in self._recorded if outcome.outcome is Outcome.PUBLISHED}
        self._writer.remove_strays([stray for stray in self._strays if stray.game_id not in replaced])
        outcomes = self.report.games + self._recorded
        self.report.games = sorted(outcomes, key=lambda outcome: (outcome.game_date, outcome.game_id))

    def look(self, contents: Answers, before: Answers, is_read: bool) -> list[Verdict]:
        """Check what readers see now, and complete the report. `before` tells of earlier verdicts."""
        work, table, report = self.work, self.table, self.report
        for game in self.games.values():
            rows = report.rows_visible.get(game.game_date, 0)
            report.rows_visible[game.game_date] = rows + game.visible_rows(table.name)
        is_audited = self._readers_see_what_was_audited()
        queries = check_queries(table, work, is_audited)
        queries["preview"] = (sql_text(f"tables/{table.name}/preview"), date_parameters(work.start, work.end))
        if is_read:
            queries[table.name] = content_query(table, work.start, work.end)
        answers = work.session.query_all(queries, table.name)
        if is_read:
            contents[table.name] = answers[table.name]
        verdicts = judge(work, self.games, table, answers, before, self._audited if is_audited else ())
        report.previews = _previews(answers["preview"])
        report.seconds = (work.now() - self.started).total_seconds()
        report.usage = {name: value - self._used_before[name] for name, value in work.session.usage().items()}
        return verdicts

    def _readers_see_what_was_audited(self) -> bool:
        """Whether readers see exactly the rows that were audited: every game that was computed has passed."""
        due = {game.game_id for game in self._due}
        outcomes = {game.outcome for game in self.report.games if game.game_id in due}
        is_visible = outcomes <= {Outcome.PUBLISHED, Outcome.UNCHANGED}
        return self._staging is not None and is_visible and not self._strays

    def _contradicted(self) -> set[str]:
        """The games with new rows from a worse source whose published rows, from the better one, fail a rule now.

        Runs no query where no game has new rows from a worse source.
        """
        asked = [
            game
            for game in self._due
            if (decision := game.decisions.get(self.table.name))
            and (review := self._reviews.get(game.game_id))
            and is_better_and_intact(self.table, decision, review.row)
        ]
        if not asked:
            return set()
        found = audits.find(self.work.session, self.table, None, *_first_and_last(asked), self.work.thresholds)
        return {finding.game_id for finding in audits.errors(found)}


def _first_and_last(games: Sequence[Game]) -> tuple[date, date]:
    return min(game.game_date for game in games), max(game.game_date for game in games)


def _drift_reason(game: Game, drift: Drift) -> str:
    if drift.game_date == game.game_date:
        return f"{drift.table} has drifted: run it again"
    return f"{drift.table} has rows of it under {drift.game_date}: `phase3 run {drift.game_date} --repair` removes them"


def _previews(rows: Iterable[Row]) -> dict[date, list[Row]]:
    """The preview rows that readers now see of each date, in the order of `place`."""
    previews: dict[date, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["game_date"], row["place"])):
        previews.setdefault(row["game_date"], []).append({k: v for k, v in row.items() if k != "place"})
    return previews
