"""Plots of a card: Vega-Lite drawn to inline SVG by vl-convert, offline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import vl_convert
from markupsafe import Markup

from data_cards.card import Share, TierCard

MAX_BARS = 15
_INK, _RULE = "#1c2733", "#dfe4ea"
_COLOURS = {"left": "#2f6f9f", "dropped": "#b9c2cc", "withheld": "#d98e32", "failed": "#b5443c"}
_CONFIG: dict[str, Any] = {
    "font": "system-ui, sans-serif",
    "background": None,
    # Browsers draw with other fonts than those that the labels were measured with: room on the left.
    "padding": {"left": 22, "right": 8, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "labelColor": _INK, "titleFontSize": 12, "titleColor": _INK, "titleFontWeight": 400}
    | {"gridColor": _RULE, "domainColor": _RULE, "tickColor": _RULE, "labelLimit": 230},
    "legend": {"labelFontSize": 12, "labelColor": _INK, "orient": "top", "title": None},
}


def funnel_plot(tier: TierCard) -> Markup:
    """A bar for each stage: what is left, and what it took out."""
    steps = ["papers in", *(row.stage for row in tier.funnel)]
    values = [{"stage": "papers in", "part": "left", "documents": tier.documents_in}]
    for row in tier.funnel:
        values.append({"stage": row.stage, "part": "left", "documents": row.left})
        values += [
            {"stage": row.stage, "part": part, "documents": getattr(row, part)}
            for part in ("dropped", "withheld", "failed")
        ]
    spec = {
        "data": {"values": [v | {"order": list(_COLOURS).index(str(v["part"]))} for v in values]},
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {
            "y": {"field": "stage", "type": "nominal", "sort": steps, "title": None},
            "x": {"field": "documents", "type": "quantitative", "title": "documents", **_whole(tier.documents_in)},
            "color": {
                "field": "part",
                "type": "nominal",
                "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
            },
            "order": {"field": "order"},
        },
        "width": 430,
        "height": {"step": 28},
    }
    return _svg(spec, f"Funnel of tier {tier.tier}: documents left and taken out after each stage")


def years_plot(tier: TierCard) -> Markup:
    """Released documents a year."""
    spec = {
        "data": {"values": [{"year": s.name, "documents": s.documents} for s in tier.years]},
        "mark": {"type": "bar", "color": _COLOURS["left"]},
        "encoding": {
            "x": {
                "field": "year",
                "type": "ordinal",
                "title": None,
                "axis": {"labelAngle": -45 if len(tier.years) > 8 else 0},
            },
            "y": {
                "field": "documents",
                "type": "quantitative",
                "title": "documents",
                **_whole(max((s.documents for s in tier.years), default=0)),
            },
        },
        "width": min(460, max(120, 36 * len(tier.years))),
        "height": 160,
    }
    return _svg(spec, f"Released documents of tier {tier.tier} a year")


def shares_plot(bars: Sequence[Share], what: str) -> Markup:
    """Released documents of each name; past MAX_BARS the smallest are left to the table."""
    shown = bars[:MAX_BARS]
    spec = {
        "data": {"values": [{"name": s.name, "documents": s.documents} for s in shown]},
        "mark": {"type": "bar", "color": _COLOURS["left"], "height": {"band": 0.7}},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": [s.name for s in shown], "title": None},
            "x": {
                "field": "documents",
                "type": "quantitative",
                "title": "documents",
                **_whole(max((s.documents for s in shown), default=0)),
            },
        },
        "width": 250,
        "height": {"step": 26},
    }
    return _svg(spec, f"Released documents by {what}")


def _whole(largest: int) -> dict[str, Any]:
    """An axis of whole numbers."""
    return {"axis": {"format": ",d", "tickMinStep": 1, "tickCount": min(6, max(1, largest))}}


def _svg(spec: dict[str, Any], label: str) -> Markup:
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": _CONFIG, **spec}
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[])
    name = Markup('<svg role="img" aria-label="{}" ').format(label)
    return Markup(drawn.replace("<svg ", name, 1))
