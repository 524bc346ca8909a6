"""Self-containment: a pair is read without its paper, so it points to nothing that its reader does not have."""

from __future__ import annotations

import re

from curation.sft.verifiers.candidate import PASSED, Candidate, QuestionKind, Verdict, failed, shown

_THING = (
    r"(?:(?:research )?paper|article|letter|manuscript|study|publication|chapter|thesis|passage|excerpt|text|paragraph|section(?! of (?:the )?(?:sky|spectrum|orbit|disk|disc))|abstract"
    r"|document|snippet|extract|report|preprint|proposal|white ?paper|review(?! of\b)|contribution(?! (?:of|from|to)\b))"
)
_NAMED = r"(?=\s*(?:by [A-Z][^?.]{0,80})?(?:titled|entitled|called)?,?\s*[“\"‘«*])"
"""What follows a paper that is named: `the paper “Rings of dust”`."""
_THIS = re.compile(
    rf"\b(?:this|the (?:present|current|given|provided|above|accompanying|preceding|underlying|source)|these|our|their) (?:\w+ )?{_THING}s?\b"
    r"|\b(?:this|the (?:present|current)|our|their) (?:\w+ )?(?:work|research)\b(?! (?:is|was|has been) (?:done|extracted|performed by)\b| function\b| (?:against|per|done)\b)",
    re.IGNORECASE,
)
_THE = re.compile(
    rf"\bthe (?:{_THING}(?!-)|authors?(?! lists?\b)|writers?|(?:research(?:ers)?|team|investigators?)(?= (?:find|found|conclude|report|present|show|use|propose|describe|measure|state|suggest|discuss|argue|adopt)))\b"
    r"(?! of\b(?!\s*[“\"‘«*])| (?:on|in) (?:stellar|galactic|the)\b)",
    re.IGNORECASE,
)
_OF_NAMED = re.compile(rf"(?:\s+(?:of|in|by))?(?:\s+the\s+{_THING})?{_NAMED}", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:[Ff]ig(?:s|ures?)?|FIG(?:URE)?S?)\b\.?[\s~]*\(?(?:\d|[A-Z]\d|[IVX]+\b)|\b(?:[Tt]abs?|[Tt]ables?|TABLES?)\b\.?[\s~]*\(?(?:[A-Z]?\d|[IVX]+\b)"
    r"|(?<!cross )(?<!cross-)(?<!conic )\b(?:[Ss]ects?|[Ss]ecs|[Ss]ections?|SECTIONS?)\b\.?[\s~]*\(?(?:[A-Z]?\d|[IVX]+\b)|\bSec\.[\s~]*\d|§+\s*\d|\b[Cc]hapter[\s~]+(?:\d|[IVX]+\b)"
    r"|\b(?:[Ee]qns?|[Ee]qs?|[Ee]quations?)\b\.?[\s~]*\(?[A-Z]?\.?\d|\b(?:[Aa]ppendix|[Aa]ppendices|APPENDIX)[\s~]+[A-Z\d]\b|\b(?:[Aa]lgorithm|[Ll]isting|[Pp]anel)[\s~]+\(?(?:\d|[a-h]\))"
    r"|\\(?:ref|eqref|cite[a-z]*|label|autoref|cref)\b|\?\?|\[\?\]|\b(?:in|see|by|from|al\.,?|[Rr]efs?\.?|[Rr]eferences?)\s*\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]",
)
_LOWER_EIGHT = re.compile(r"figure[\s-]+(?:of[\s-]+)?8\b")
_POINTER = re.compile(
    r"\b(?:as|was|were|is|are|and|been) (?:mentioned|described|discussed|shown|noted|stated|given|seen|defined|outlined|presented|explained|listed|reported|introduced|derived)"
    r" (?:above|below|earlier|previously|before|here|in the (?:text|previous|next|following|preceding|above|passage))\b"
    r"|\b(?:see|cf\.?) (?:above|below|also (?:above|below))\b|\b(?:the|this) above\b(?!-)|\babove-?(?:mentioned|described|listed|cited)\b|\b(?:aforementioned|aforesaid|abovementioned)\b"
    r"|\b(?:equations?|formulae?|formulas|information|expressions?|discussion|statements?|descriptions?|tables?|figures?|text|passages?)(?: \w+)? (?:above|below)\b(?! (?:\d|\$|about|a\b|the\b))"
    r"|\b(?:used|presented|considered|studied|described|analy[sz]ed|adopted|discussed|reported|proposed|modell?ed|introduced|developed) (?:here|herein)\b"
    r"|\bwhich (?:figure|table|section|panel|equation|appendix|paragraph)\b(?! of (?:the )?(?:sky|spectrum|orbit|dis[ck]|ring|sample))|\bthe (?:first|second|third|last|final|opening|closing) (?:paragraph|sentence)s?\b|\bfrom (?:the )?context\b(?! of\b)"
    r"|\bthe (?:following|preceding|previous|next|above|last) (?:passage|text|figure|section|paragraph|excerpt|sentences?|quotes?|quotations?|chapters?|evidence)\b"
    r"|\b(?:mentioned|described|listed|shown|given|provided|discussed|quoted|presented) (?:above|below|herein|here)\b|\bherein\b|\bhere,? we\b"
    r"|\baccording to the (?:above|given|provided|quoted|evidence|quotes?|sentences?|context|information (?:given|provided|above))\b"
    r"|\b(?:based on|from|in|using|given) the (?:provided|given|above|quoted|supplied) (?:information|context|evidence|sentences?|data|details|quotes?|passage|text|excerpt)\b"
    r"|\b(?:the (?:context|evidence|quote|quoted sentence|sentence) (?:says|states|shows|tells|mentions|provided|given|above|indicates|reads|implies))\b|\bsentences? (?:\[\d+\]|\d+\b)",
    re.IGNORECASE,
)
_TABLE_WORDS = re.compile(
    r"\b(?:this|the (?:above|following|given|provided)|below) table\b|\btable (?:above|below|given|provided|shown)\b",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"\b(?:our|ours)\b(?! (?:own )?(?:galaxy|galaxies|milky way|sun|solar|universe|local|planet|home|earth|moon|sky|cosmos|cosmic|eyes?|line of sight|position|understanding|vantage|star|stellar neighbou?rhood|neighbou?rhood|view|location|knowledge|ability|technology))"
    r"|\bwe (?:also |then |thus |therefore |further )?(?:present|report|propose|conclude|perform|performed|discuss|describe|introduce|reported|presented|proposed|argue|demonstrate|demonstrated|carried out|analy[sz]ed|observed|targeted|recommend)\b",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\bwe (?:also |then |thus |therefore |further )?(?:find|found|show|showed|measure|measured|detect|detected|adopt|adopted|use|used|fit|fitted|infer|inferred|derived|obtained|select|selected) ",
    re.IGNORECASE,
)
_COMPUTES = (QuestionKind.DERIVATION, QuestionKind.NUMERIC)
_NOUNS = (
    r"galax(?:y|ies)|stars?|planets?|exoplanets?|sources?|objects?|systems?|models?|samples?|surveys?|clusters?|events?|simulations?|methods?|results?|observations?|datasets?|data|values?"
    r"|relations?|effects?|process(?:es)?|mechanisms?|regions?|spectra|spectrum|bursts?|superno?vae?|signals?|populations?|binar(?:y|ies)|features?|parameters?|techniques?|instruments?|telescopes?"
    r"|missions?|catalog(?:ue)?s?|halos?|haloes|dis[ck]s?|experiments?|approach(?:es)?|frameworks?|findings?|estimates?|analys[ie]s|quantit(?:y|ies)|companions?|nebulae?|pulsars?|quasars?|outflows?"
    r"|jets?|cases?|scenarios?|algorithms?|pipelines?|measurements?|targets?|fields?|bands?|lines?|profiles?|correlations?|trends?|peaks?|assumptions?|discrepanc(?:y|ies)|conclusions?|orbits?"
)
_DANGLING = re.compile(rf"\b(?:this|these|such an?|said) (?:(?!\w*ly\b)[\w-]+ ){{0,2}}?({_NOUNS})\b", re.IGNORECASE)
_STEM = 4
"""Letters by which a noun is known again: galaxy, galaxies; supernova, supernovae."""


def self_contained(candidate: Candidate) -> Verdict:
    """Question, options, chain and answer name what they speak of: no `this paper`, `the authors`, `Fig. 3`, `our sample`."""
    has_table = candidate.question.count("|") >= 4
    for where, text in _texts(candidate):
        if pointer := _points(text, has_table=has_table):
            return failed(f"the {where} says {shown(pointer)!r}")
    for where, text in (("question", candidate.question), ("answer", candidate.answer)):
        if found := _OURS.search(text) or (_FOUND.search(text) if candidate.kind not in _COMPUTES else None):
            return failed(f"the {where} speaks for the authors: {shown(found.group())!r}")
    if nameless := _dangling("", candidate.question):
        return failed(f"the question asks about {shown(nameless)!r}, which it does not name")
    before = " ".join((candidate.question, *candidate.options))
    if nameless := _dangling(before, candidate.answer):
        return failed(f"the answer speaks of {shown(nameless)!r}, which nothing names")
    return PASSED


def _texts(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    options = tuple(("option", option) for option in candidate.options)
    chain = (("chain", candidate.reasoning),) if candidate.reasoning else ()
    return ("question", candidate.question), *options, ("answer", candidate.answer), *chain


def _points(text: str, *, has_table: bool) -> str:
    """The words that point to a paper, a place in one, or a passage; empty: none do."""
    for found in (*_THIS.finditer(text), *_THE.finditer(text)):
        if not _OF_NAMED.match(text, found.end()):
            return found.group()
    for place in _PLACE.finditer(text):
        if not (has_table and place.group().lower().startswith("tab")) and not _LOWER_EIGHT.match(text, place.start()):
            return place.group()
    pointer = _POINTER.search(text) or (None if has_table else _TABLE_WORDS.search(text))
    return pointer.group() if pointer else ""


def _dangling(before: str, text: str) -> str:
    """The first `this galaxy` of a text that nothing before it names."""
    for found in _DANGLING.finditer(text):
        known = f"{before} {text[: found.start()]}".lower()
        if found[1][:_STEM].lower() not in known and not text[found.end() :].startswith(":"):
            return found.group()
    return ""
