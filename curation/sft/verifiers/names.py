"""Names: what an answer names must stand in the passage: instruments, surveys, objects, acronyms."""

from __future__ import annotations

import re

from curation.sft.verifiers.candidate import NOT_CONCERNED, PASSED, Candidate, QuestionKind, Verdict, failed

_NAME = re.compile(
    r"(?<![\w\\$])(?:[A-Z]{2,}[A-Za-z]{0,3}(?:[- ]?\d[\w.+-]*)?|[A-Z]{1,5}[- ]?\d{2,}[\w.+-]*\w|[A-Z][a-z]+[A-Z]\w+)(?![\w$])"
)
"""Acronyms (`HST`, `VLT`), designations (`NGC 1068`, `M87`, `GW150914`) and names with a capital inside (`LOFAR`, `MeerKAT`)."""
_KNOWN = """AB AGN AI AND AU BAO BH CCD CGM CH CMB CN CNO CO CP DM EM ESA ESO FRB FWHM GHz GR GRB GeV HI HII HMXB HR IGM II III IMF IR ISM IV IX
LCDM LMC LMXB LSR MHD MHz MS MW MeV NASA NIR NOT NS OH OR PDF PSF PeV QSO RA RGB RMS SED SFR SMC SN SNR SNe TeV UK USA UT UTC UV VI VII VIII
WD XI XRB keV kHz AGB"""
_COMMON = frozenset(_KNOWN.split())
"""What every reader knows, and what is no name."""
_MATH = re.compile(r"\$[^$]*\$")


def named(candidate: Candidate) -> Verdict:
    """No instrument, survey or object of the answer is missing from passage, title, question and options."""
    if candidate.kind is QuestionKind.CONCEPT and not candidate.quotes:
        return NOT_CONCERNED
    known = _joined(" ".join((candidate.passage, candidate.question, candidate.title, *candidate.options)))
    names = [found.group().rstrip(".+-") for found in _NAME.finditer(_MATH.sub(" ", candidate.answer))]
    unknown = [
        name
        for name in names
        if name.rstrip("s") not in _COMMON and name not in _COMMON and _joined(name).rstrip("s") not in known
    ]
    if unknown:
        return failed(f"the passage does not name {', '.join(dict.fromkeys(unknown))}", len(set(unknown)))
    return PASSED if names else NOT_CONCERNED


def _joined(text: str) -> str:
    """A text as names are compared: `NGC 1068`, `NGC-1068` and `NGC1068` are one."""
    return re.sub(r"[\s~_{}*-]+", "", text).lower()
