"""The chain of a pipeline, checked before any data is read: every table and column that a step reads is there, every table
has one writer, and what arrives cut can be cut."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from curation.errors import ConfigError
from curation.step import ExchangeStep, MapStep, Step, WholeStep
from pipelines.engine.stage import Layout, Pipeline, Stage
from schemas import Table

KEY = "key"
"""Column of a table that is joined by other names than doc_id (`Step.keys`)."""
MATE = "mate"
"""Column with the other document of a pair."""


@dataclass
class _Known:
    """A table that earlier steps provide."""

    table: Table
    layout: Layout
    many: bool
    read_by: str = ""


def check_chain(pipeline: Pipeline) -> None:
    """Check every step's inputs against what earlier steps provide.

    Raises:
        ConfigError: a table or column is missing, two steps write one table that is no union, a union is written after a
            step has read it, or a step asks for what its shape cannot have.
    """
    papers = pipeline.sources[0].provides
    known = {papers.name: _Known(papers, Layout.PARTS, many=False)}
    names = {papers.name, "release"}
    if pipeline.release is not None:
        names.add(pipeline.release.plan.provides.name)
    for stage in pipeline.stages:
        step = stage.step
        step.check({name: k.table for name, k in known.items()})
        _check_shape(stage)
        _check_reads(step, known)
        for name in step.reads():
            known[name].read_by = known[name].read_by or step.name
        if stage.name in names:
            raise ConfigError(f"step {step.name} writes table {stage.name!r}, which another step writes too")
        names.add(stage.name)
        for table in step.tables():
            _add(known, names, stage, table)


def cut_by(step: Step, table: str) -> tuple[tuple[str, ...], str]:
    """How a table that is not co-partitioned is cut for a step: its columns that name, and the column that is named.

    Of a table that names no document there are no such columns: it arrives whole.
    """
    if table in step.keys:
        return (KEY,), step.keys[table]
    return tuple(c for c in ("doc_id", MATE) if c in step.reads()[table]), "doc_id"


def _check_shape(stage: Stage) -> None:
    step = stage.step
    in_parts = stage.layout is Layout.PARTS
    if step.beside and isinstance(step, ExchangeStep):
        raise ConfigError(f"step {step.name}: an exchange has no side tables")
    if step.rows == "many" and not in_parts:
        raise ConfigError(f"step {step.name}: rows = many is for map steps and exchanges that send rows home")
    if step.provides.union and step.rows != "many":
        raise ConfigError(f"step {step.name} fills {step.provides.name}, a union, so its rows must be many")
    for table in step.tables():
        many = in_parts and step.has_many(table)
        needed = ("doc_id", "row_id") if many else ("doc_id",) if in_parts else ()
        if lacking := [c for c in needed if c not in table.columns]:
            raise ConfigError(f"step {step.name}: its table {table.name} has no column {', '.join(lacking)}")


def _check_reads(step: Step, known: dict[str, _Known]) -> None:
    whole = {name for name in step.reads() if known[name].layout is not Layout.PARTS}
    if isinstance(step, WholeStep):
        if unread := [name for name in step.streams if name not in step.reads()]:
            raise ConfigError(f"step {step.name} streams {', '.join(unread)}, which it does not read")
        return
    also = set(step.also) if isinstance(step, ExchangeStep) else set()
    if wrong := sorted(also - whole):
        raise ConfigError(
            f"step {step.name}: `also` names {', '.join(wrong)}, which it does not read or which lies in parts"
        )
    aligned = [name for name in step.reads() if name not in whole]
    if isinstance(step, MapStep) and step.rows == "one" and all(known[name].many for name in aligned):
        raise ConfigError(f"step {step.name} makes a row a document, so it must read a table that has one")
    if isinstance(step, MapStep) and step.seal_rows:
        for name in aligned:
            if known[name].many and "doc_id" not in step.reads()[name]:
                raise ConfigError(f"step {step.name} seals stretches of a part, so it must read the doc_id of {name}")
    for name in step.keys:
        _check_key(step, name, whole - also, known)
    if aligned:
        for name in sorted(whole - also - set(step.keys)):
            if "doc_id" in known[name].table.columns and "doc_id" not in step.reads()[name]:
                raise ConfigError(
                    f"step {step.name} reads {name} without its doc_id, by which its rows find their part"
                )


def _check_key(step: Step, name: str, cut: set[str], known: dict[str, _Known]) -> None:
    column = step.keys[name]
    if name not in cut:
        raise ConfigError(f"step {step.name}: `keys` names {name!r}, which it does not get cut to its documents")
    if KEY not in step.reads()[name]:
        raise ConfigError(f"step {step.name} reads {name} by its column {KEY!r}; name it in `requires`")
    held = [t for t, columns in step.reads().items() if known[t].layout is Layout.PARTS and column in columns]
    if not held:
        raise ConfigError(
            f"step {step.name} takes {name} by {column!r}, a column that it does not read of its documents"
        )
    for table in held:  # the rows that any of them names arrive
        kind = known[table].table.arrow.field(column).type
        kind = kind.value_type if pa.types.is_list(kind) or pa.types.is_large_list(kind) else kind
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise ConfigError(f"step {step.name} takes {name} by {table}.{column}, which holds no strings but {kind}")


def _add(known: dict[str, _Known], names: set[str], stage: Stage, table: Table) -> None:
    step = stage.step
    many = stage.layout is Layout.PARTS and step.has_many(table)
    there = known.get(table.name)
    if there is None:
        if table is not step.provides and table.name in names:
            raise ConfigError(f"step {step.name} writes table {table.name!r}, which another step writes too")
        known[table.name] = _Known(table, stage.layout, many)
        names |= {table.name}
        return
    if not (table.union and there.table.union):
        raise ConfigError(f"step {step.name} writes table {table.name!r}, which another step writes too")
    if there.table != table:
        raise ConfigError(f"step {step.name} fills {table.name!r} with other columns than an earlier step")
    if there.read_by:
        raise ConfigError(
            f"step {step.name} fills {table.name!r} after step {there.read_by} has read it; put it before that step"
        )
