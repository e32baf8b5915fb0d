"""The pictures of a night, as SVG: usage rates, the season's coverage, the night board; for the page and for the UI.

What belongs here: drawing what night.py found. What doesn't: the cards and tables of the page (page.py, templates/).

The page's pictures lie in it as SVG: their text is text, their colours are the page's CSS variables, so that one
picture reads in light and dark, and they name nothing outside. They are drawn about as wide as a phone is, so that
their text can be read there. Matplotlib is imported when the first picture is drawn: it takes half a second, and most
commands draw none.
"""

import io
import re
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from phase3_assets.reporting.night import Card, SeasonDay

STATE_MARKS = {
    "published": "✓",
    "quarantined": "✕",
    "waiting": "…",
    "ready": "→",
    "live": "●",
    "scheduled": "○",
    "waived": "⊘",
    "void": "–",
}
"""A mark for every state of a game, so that it is told by more than its colour."""

_THEME = {
    "#000001": "--ink",
    "#000002": "--soft",
    "#000003": "--line",
    "#000004": "--good",
    "#000005": "--warn",
    "#000006": "--bad",
    "#000007": "--accent",
    "#000008": "--card",
}
"""Colours that pictures are drawn in, which stand for the page's variables of these names."""
_INK, _SOFT, _LINE, _GOOD, _WARN, _BAD, _ACCENT, _CARD = _THEME
_PAPER = {
    "--ink": "#1a2230",
    "--soft": "#4d5868",
    "--line": "#d3dae3",
    "--good": "#1b6e3c",
    "--warn": "#8a5200",
    "--bad": "#b3261e",
    "--accent": "#2f5d9b",
    "--card": "#ffffff",
}
"""The same colours for a picture that stands by itself, on white."""
_STATE_COLOURS = {"published": _GOOD, "quarantined": _BAD, "waiting": _WARN, "ready": _ACCENT, "live": _ACCENT}
_DOTS = 72
"""Units per inch: Matplotlib writes SVG in points, and here a point of the drawing is to be a pixel."""
_WIDTH = 326
"""Pixels: of a picture on the page, as wide as a phone's screen has room for."""
_MONTH = 22
"""Pixels that the name of a month needs."""
_BIN = 5
"""Percent of usage that one bar spans."""
_USAGE = "Distribution of usage rates"


def usage_on_page(rates: Sequence[float], player: str) -> str:
    """A histogram of usage rates in percent, for the page; `player` is whose the highest is. There is one at least."""
    return _on_page(_usage(rates, player, _WIDTH), "usage", _USAGE, usage_in_words(rates, player))


def usage_by_itself(rates: Sequence[float], player: str) -> str:
    """The same histogram as a picture that stands by itself, on white: for Dagster's page of a date."""
    figure = _usage(rates, player, 2 * _WIDTH)
    figure.patch.set_visible(True)
    figure.patch.set_facecolor(_CARD)
    return _by_itself(figure, "usage", _USAGE, usage_in_words(rates, player))


def usage_in_words(rates: Sequence[float], player: str) -> str:
    """What the histogram shows."""
    return (
        f"{len(rates)} usage rates of players; half of them up to {sorted(rates)[len(rates) // 2]:.1f} percent. "
        f"The highest is {player}, with {max(rates):.1f} percent."
    )


def _usage(rates: Sequence[float], player: str, width: int) -> "Figure":
    from matplotlib.ticker import MaxNLocator

    figure = _figure(width, 200)
    axes = figure.add_axes((0.08, 0.21, 0.86, 0.76))
    highest = max(rates)
    last = max(50, _BIN * (int(highest) // _BIN + 1))
    counts, _, _ = axes.hist(rates, bins=range(0, last + 1, _BIN), color=_ACCENT, edgecolor=_CARD, linewidth=1.2)
    _plain(axes)
    axes.set_xlim(0, last)
    axes.set_xticks(range(0, last + 1, 10), [f"{tick} %" for tick in range(0, last + 1, 10)])
    axes.set_xlabel("usage rate, players per 5 %", color=_SOFT, fontsize=10)
    top = float(max(counts))
    axes.set_ylim(0, 1.12 * top)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.annotate(
        f"{_shortened(player)} {highest:.1f} %",
        xy=(highest, float(counts[int(highest) // _BIN])),
        xytext=(last * 0.99, 0.62 * top),
        ha="right",
        color=_INK,
        fontsize=10,
        arrowprops={"arrowstyle": "-", "color": _SOFT, "linewidth": 1},
    )
    return figure


def season_calendar(days: Sequence["SeasonDay"], first: date, last: date) -> str:
    """The dates of a season with games, a column a week: each filled as far as its games are complete.

    `days` has one entry at least. The dates of the report are framed.
    """
    from matplotlib.patches import Rectangle

    begins = days[0].game_date - timedelta(days=days[0].game_date.weekday())
    weeks = (days[-1].game_date - begins).days // 7 + 1
    left, top, cell = 27.0, 18.0, (_WIDTH - 30) / max(weeks, 24)
    width, height = _WIDTH, round(top + 7 * cell + 4)
    figure = _figure(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    for row, name in ((0, "Mon"), (3, "Thu"), (6, "Sun")):
        axes.text(left - 4, top + (row + 0.5) * cell, name, ha="right", va="center", color=_SOFT, fontsize=9)
    months: dict[date, float] = {}
    for day in days:
        week, weekday = divmod((day.game_date - begins).days, 7)
        x, y, side = left + week * cell, top + weekday * cell, cell - 1.6
        months.setdefault(day.game_date.replace(day=1), x)
        share = day.coverage
        edge = _LINE if share is None else _GOOD if share == 1 else _BAD
        axes.add_patch(Rectangle((x, y), side, side, facecolor="none", edgecolor=edge, linewidth=0.8))
        if share:
            axes.add_patch(Rectangle((x, y + side * (1 - share)), side, side * share, facecolor=edge, edgecolor="none"))
        if first <= day.game_date <= last:
            axes.add_patch(Rectangle((x - 1.4, y - 1.4), side + 2.8, side + 2.8, fill=False, edgecolor=_INK, lw=1.6))
    for (month, x), following in zip(months.items(), [*list(months.values())[1:], float(width)], strict=True):
        # A month of which the season has only a few days leaves its place to the next one's name.
        if following - x >= _MONTH:
            axes.text(x, top - 5, f"{month:%b}", color=_SOFT, fontsize=9, va="bottom")
    return _on_page(figure, "season", "Coverage of the season, date by date", coverage_in_words(days))


def coverage_in_words(days: Sequence["SeasonDay"]) -> str:
    """How many dates with games are complete, and which are not."""
    looked_at = [day for day in days if day.coverage is not None]
    lacking = [day for day in looked_at if day.coverage != 1]
    names = ", ".join(f"{day.game_date} ({day.complete} of {day.expected})" for day in lacking[:10])
    more = f" and {len(lacking) - 10} more" if len(lacking) > 10 else ""
    text = f"{len(looked_at) - len(lacking)} of {len(days)} dates with games are complete."
    if lacking:
        text += f" Not complete: {names}{more}."
    if len(looked_at) < len(days):
        text += f" No run has looked at {len(days) - len(looked_at)} dates yet."
    return text


def night_board(cards: Sequence["Card"]) -> str:
    """The night board as a picture that stands by itself, on white: for Dagster's page of a date.

    `cards` has one entry at least.
    """
    from matplotlib.patches import FancyBboxPatch, Rectangle

    across = min(len(cards), 4)
    wide, high, gap = 220, 84, 12
    down = (len(cards) + across - 1) // across
    width, height = across * (wide + gap) + gap, down * (high + gap) + gap
    figure = _figure(width, height)
    figure.patch.set_visible(True)
    figure.patch.set_facecolor(_CARD)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    for place, card in enumerate(cards):
        x, y = gap + (place % across) * (wide + gap), gap + (place // across) * (high + gap)
        colour = _STATE_COLOURS.get(card.state, _SOFT)
        axes.add_patch(
            FancyBboxPatch(
                (x, y), wide, high, boxstyle="round,pad=0,rounding_size=6", facecolor=_CARD, edgecolor=_LINE, lw=1
            )
        )
        axes.add_patch(Rectangle((x, y + 6), 4, high - 12, facecolor=colour, edgecolor="none"))
        axes.text(x + 14, y + 25, f"{card.away} at {card.home}", color=_INK, fontsize=12, fontweight="bold")
        if card.scores:
            score = f"{card.scores[0]} – {card.scores[1]}"
            axes.text(x + wide - 12, y + 25, score, color=_INK, fontsize=12, fontweight="bold", ha="right")
        axes.text(x + 14, y + 46, f"{STATE_MARKS.get(card.state, '')} {card.state}", color=colour, fontsize=10)
        if card.tier:
            axes.text(x + wide - 12, y + 46, card.tier, color=_SOFT, fontsize=10, ha="right")
        if card.reason:
            axes.text(x + 14, y + 68, _shortened(card.reason, 34), color=_SOFT, fontsize=9)
    words = "; ".join(f"{card.away} at {card.home}: {card.state}" for card in cards)
    return _by_itself(figure, "board", "Night board", words)


def _shortened(text: str, length: int = 26) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _figure(width: int, height: int) -> "Figure":
    """An empty, transparent figure of that size in pixels, without any part of a screen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / _DOTS, height / _DOTS), dpi=_DOTS)
    figure.patch.set_visible(False)
    return figure


def _plain(axes: "Axes") -> None:
    axes.patch.set_visible(False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    axes.tick_params(colors=_SOFT, labelsize=10, length=0)
    axes.yaxis.grid(True, color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)


def _drawn(figure: "Figure", name: str, title: str, words: str) -> str:
    """The figure as an <svg> element without a size, whose ids begin with `name`."""
    from matplotlib import rc_context

    written = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    # Text stays text. It has the page's font: the drawing only guesses how wide that is.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "path.simplify": False}):
        figure.savefig(written, format="svg", metadata=nothing)
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = (
        re.sub(r'\s(xmlns(:\w+)?|version|width|height)="[^"]*"', "", svg.split(">", 1)[0]) + ">" + svg.split(">", 1)[1]
    )
    # A style in the drawing would hold for the whole page.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'(\bid="|="#|url\(#)', rf"\g<1>{name}-", svg)
    labels = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-words">{escape(words)}</desc>'
    return re.sub(
        r"<svg([^>]*)>", rf'<svg\1 role="img" aria-labelledby="{name}-title {name}-words">' + labels, svg, count=1
    ).strip()


def _on_page(figure: "Figure", name: str, title: str, words: str) -> str:
    svg = _drawn(figure, name, title, words)
    for colour, variable in _THEME.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg


def _by_itself(figure: "Figure", name: str, title: str, words: str) -> str:
    svg = _drawn(figure, name, title, words)
    for colour, variable in _THEME.items():
        svg = svg.replace(colour, _PAPER[variable])
    width, height = (round(inches * _DOTS) for inches in figure.get_size_inches())
    named = 'xmlns="http://www.w3.org/2000/svg" font-family="Helvetica, Arial, sans-serif"'
    return svg.replace("<svg", f'<svg {named} width="{width}" height="{height}"', 1)
