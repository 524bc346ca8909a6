"""Pairs with one planted fault each, and the verifier that must reject them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from curation.sft.verifiers.candidate import Candidate, QuestionKind
from tests.sft.planted import (
    MAKERS,
    WIDTH,
    World,
    choice,
    comparison,
    computed,
    concept,
    derivation,
    design,
    mechanism,
    numeric,
    summary,
    world,
)


@dataclass(frozen=True)
class Bad:
    """A pair with one fault: its name, the verifier that must reject it, the pair."""

    fault: str
    verifier: str
    pair: Candidate


def _first_digit(text: str, r: random.Random) -> str:
    """A text with its first number of two figures or more changed by a third and more."""
    found = re.search(r"(?<![\d.{])\d+\.\d+|(?<![\d.{])\d{2,}(?!\})", text)
    if found is None:
        raise ValueError(text)
    number = float(found.group())
    made = number * r.choice((0.5, 1.4, 1.9, 3.1))
    return text[: found.start()] + (f"{made:.2f}" if "." in found.group() else f"{made:.0f}") + text[found.end() :]


def _swapped(quote: str, r: random.Random) -> str:
    """A quote with one of its words altered."""
    said = quote.split(" ")
    n = r.randrange(len(said))
    said[n] = (
        r.choice(("cold", "never", "outward", "42", "stellar"))
        if len(said[n]) < 4
        else said[n][:-1] + ("x" if said[n][-1] != "x" else "y")
    )
    return " ".join(said)


def bad() -> Iterator[Bad]:
    """Pairs with one planted fault each, of the kinds of `FAULTS`."""
    for kind, (verifier, makers, plant) in FAULTS.items():
        for seed in range(N_BAD):
            r = random.Random(f"{kind}{seed}")
            maker = makers[seed % len(makers)]
            yield Bad(kind, verifier, plant(maker(world(9000 + 31 * seed)), r))


N_BAD = 14
"""Pairs of each fault."""
_ALL = MAKERS
_PROSE = (concept, mechanism, comparison, design, summary)
_NUMBERS = (numeric,)
Plant = Callable[[Candidate, random.Random], Candidate]


def _answer(*texts: str) -> Plant:
    return lambda pair, r: replace(pair, answer=r.choice(texts).replace("ANSWER", pair.answer))


def _question(*texts: str) -> Plant:
    return lambda pair, r: replace(pair, question=r.choice(texts).replace("QUESTION", pair.question))


def _chain(*texts: str) -> Plant:
    return lambda pair, r: replace(pair, reasoning=r.choice(texts).replace("CHAIN", pair.reasoning or ""))


def _unit(pair: Candidate, r: random.Random) -> Candidate:
    for one, other in ((" km/s", " m/s"), (" pc", " AU"), ("M_\\odot", "M_\\oplus"), ("dex/kpc", "dex/pc")):
        if one in pair.answer:
            answer = pair.answer.replace(one, other)
            return replace(pair, answer=answer, value=answer)
    raise ValueError(pair.answer)


def _number(pair: Candidate, r: random.Random) -> Candidate:
    answer = _first_digit(pair.answer, r)
    return replace(pair, answer=answer, value=answer)


def _sum(pair: Candidate, r: random.Random) -> Candidate:
    before, sign, after = (pair.reasoning or "").rpartition("= ")
    wrong = _first_digit(after, r)
    number = wrong.split()[0].rstrip(",.")
    answer = (
        f"{number} pc" if pair.kind is QuestionKind.NUMERIC else pair.answer.rpartition("= ")[0] + f"= {number} turns."
    )
    return replace(
        pair, reasoning=before + sign + wrong, answer=answer, value=answer if pair.value else None, expression=None
    )


def _wrong_letter(pair: Candidate, r: random.Random) -> Candidate:
    other = (pair.right or 0) + r.randrange(1, 4)
    return replace(pair, answer="ABCD"[other % 4])


def _long_option(pair: Candidate, r: random.Random) -> Candidate:
    options = list(pair.options)
    options[pair.right or 0] += r.choice(
        (
            ", which it hands on to the stars of the outer disc as they turn",
            " because the bar is no symmetric thing and so pulls on it all the way in",
        )
    )
    return replace(pair, options=tuple(options))


def _doubled_option(pair: Candidate, r: random.Random) -> Candidate:
    options = list(pair.options)
    options[((pair.right or 0) + 1) % 4] = r.choice(
        (options[pair.right or 0] + ".", options[pair.right or 0].upper(), "All of the above", "Both A and C", " ")
    )
    return replace(pair, options=tuple(options))


def _as_statement(question: str) -> str:
    """A question without its word of asking."""
    body = re.sub(
        r"^(?:Why|How|What|Which|Compare|Summarise how|Summarise)\s+(?:(?:do|does|did|is|are|would|makes)\s+)?",
        "",
        question,
    )
    return body.rstrip("?. ")


def _repeated(pair: Candidate, r: random.Random) -> Candidate:
    said = _as_statement(pair.question)
    return replace(
        pair,
        answer=r.choice(
            (f"{said[0].upper()}{said[1:]}.", f"The answer is that {said}.", f"It is known that {said}, as it does.")
        ),
    )


def _only_a_number(pair: Candidate, r: random.Random) -> Candidate:
    said, number = _as_statement(pair.question), re.search(r"bar at (\d+ km)", pair.passage)
    value = f"{number[1]}/s" if number else ""
    return replace(pair, answer=r.choice((f"{value}.", f"{said[0].upper()}{said[1:]} at {value}.", f"It is {value}.")))


def _beside_the_point(pair: Candidate, r: random.Random) -> Candidate:
    dust = re.search(r"Dust in the ring is heated to \d+ K by young stars", pair.passage)
    quote = WIDTH if pair.kind is QuestionKind.MECHANISM or dust is None else dust.group()
    return replace(pair, quotes=(quote,), answer=r.choice((f"{quote}.", f"{quote}, as is known.")))


OTHER_SUBJECTS = (
    "What sets the angular scale of the first acoustic peak in the microwave background?",
    "Why does partial ionisation of helium drive the pulsation of Cepheids?",
    "How do time delays between lensed quasar images constrain the Hubble constant?",
    "Why is the slow solar wind enriched in elements of low ionisation potential?",
    "What powers the light curves of thermonuclear supernovae?",
    "How can unocculted starspots mimic haze in transmission spectra of planets?",
    "Describe how a helium detonation ignites the core of a white dwarf.",
    "What limits the lifetime of a supermassive black hole binary before gravitational waves take over?",
)
"""Questions that the passages do not speak of."""
FAULTS: dict[str, tuple[str, tuple[Callable[[World], Candidate], ...], Plant]] = {
    "wrong number": ("numbers", _NUMBERS, _number),
    "wrong unit": ("numbers", _NUMBERS, _unit),
    "number that nobody gave": ("numbers", (summary, concept, mechanism), _answer("ANSWER This took 715 Myr in all.", "ANSWER The gas has a temperature of 8400 K.", "ANSWER The clouds lie at 17.3 kpc.")),
    "no number": ("numbers", _NUMBERS, _answer("The value is well known from many observations.", "It is larger than that of most galaxies of its kind.")),
    "sum that does not come out": ("recompute", (derivation, computed), _sum),
    "unsupported name": ("named", _PROSE, _answer("ANSWER This was confirmed with ALMA.", "ANSWER The same is seen in NGC 7714.", "ANSWER It was first modelled in GADGET-4.", "ANSWER MeerKAT data agree.")),
    "quote altered by one word": ("verbatim", _ALL, lambda pair, r: replace(pair, quotes=(*pair.quotes[1:], _swapped(pair.quotes[0], r)))),
    "quote of another text": ("verbatim", _ALL, lambda pair, r: replace(pair, quotes=(r.choice(("The bar was formed by a merger long ago", "Stars in the bulge are older than those of the disc", "a stellar mass of 3 times that of the halo")),))),
    "quote with a gap": ("verbatim", _PROSE, lambda pair, r: replace(pair, quotes=(f"{' '.join(pair.quotes[0].split()[:3])} ... {' '.join(pair.quotes[0].split()[-3:])}",))),
    "quote of two words": ("verbatim", _ALL, lambda pair, r: replace(pair, quotes=(" ".join(pair.quotes[0].split()[:2]),))),
    "no evidence": ("verbatim", _ALL, lambda pair, r: replace(pair, quotes=())),
    "this paper": ("self_contained", _PROSE, _question("In this paper, QUESTION", "According to the passage, QUESTION", "Based on the provided text, QUESTION", "What do the authors say? QUESTION", "In the present study, QUESTION")),
    "figure or section": ("self_contained", _PROSE, _answer("ANSWER This is shown in Fig. 3.", "As Section 2 explains, ANSWER", "ANSWER See Table 4 for the values.", "ANSWER The sum follows from Eq. (7).", "ANSWER Appendix B has the details.", "ANSWER (see Sect. 4.1)")),
    "speaks for the authors": ("self_contained", _PROSE, _answer("ANSWER Our results agree with models.", "ANSWER We propose that the ring is young.", "ANSWER Our sample is too small for more.", "ANSWER We find the same in all galaxies.")),
    "names nothing": ("self_contained", _PROSE, lambda pair, r: replace(pair, question=r.choice(("How massive are these clusters at high redshift?", "What drives this outflow at its base?", "Why do such a binary and its companion merge?", "How was this sample selected from the sky?")))),
    "chain that reads": ("self_contained", _PROSE, _chain("The passage states that torques act. CHAIN", "CHAIN The text says so at its end.", "According to the authors, shocks matter. CHAIN", "As described above, gas sinks. CHAIN", "CHAIN Sentence 3 gives the reason.")),
    "question about something else": ("on_passage", (*_PROSE, numeric), lambda pair, r: replace(pair, question=r.choice(OTHER_SUBJECTS))),
    "answer that is the question": ("says_more", _PROSE, _repeated),
    "number for a reason": ("says_more", (concept, mechanism), _only_a_number),
    "restates what was not asked": ("to_the_point", (concept, mechanism, comparison), _beside_the_point),
    "loop": ("repetition", _ALL, _chain("CHAIN The gas sinks to the ring. The gas sinks to the ring. The gas sinks to the ring. The gas sinks to the ring. The gas sinks to the ring. The gas sinks to the ring. The gas sinks to the ring.", "CHAIN and so on and so on and so on and so on and so on and so on.", "CHAIN CHAIN", "CHAIN wait wait wait wait wait wait no.")),
    "truncated by the limit": ("whole", _ALL, lambda pair, r: replace(pair, finish_reason=r.choice(("length", "content_filter", "error")))),
    "truncated chain": ("whole", _ALL, lambda pair, r: replace(pair, reasoning=" ".join((pair.reasoning or "").split()[: -r.randrange(2, 6)]).rstrip(".,;:") + r.choice((" the", " because", ",", " and", " which")))),
    "truncated answer": ("whole", _PROSE, lambda pair, r: replace(pair, answer=" ".join(pair.answer.split()[:-4]).rstrip(".,;") + r.choice((" of", " so the", ", and", "...", " (that is")))),
    "other model's name": ("other_model", _PROSE, _answer("ANSWER I am ChatGPT.", "As an AI language model, I know this: ANSWER", "ANSWER This answer was written by GPT-4.", "ANSWER DeepSeek-R1 agrees.", "ANSWER I was trained by Google.")),
    "cut-off date": ("other_model", _PROSE, _answer("As of my last update in 2023, ANSWER", "ANSWER My knowledge ends in 2021.", "ANSWER My training data may not have newer values.", "ANSWER This is prior to my knowledge cutoff.")),
    "think block": ("think_blocks", _ALL, _chain("<think>CHAIN</think> CHAIN.", "CHAIN</think>", "<thinking>CHAIN", "CHAIN <|begin_of_thought|> More.", "CHAIN [THINK] more [/THINK].")),
    "marks of a template": ("markup", _PROSE, _answer("ANSWER<|im_end|>", "ANSWER\n### Instruction: go on.", "{\"answer\": \"ANSWER\"}", "ANSWER {question}", "[INST] ANSWER [/INST]", "ANSWER\nUser: and then?")),
    "refusal": ("refusal", _ALL, lambda pair, r: replace(pair, answer=r.choice(("I'm sorry, but I cannot answer this question.", "The passage does not provide enough information to say.", "I cannot determine the answer.", "There is not enough information given.", "N/A")))),
    "two answers": ("one_answer", (*_PROSE, choice), lambda pair, r: replace(pair, answer="A or C" if pair.options else r.choice((f"Answer: {pair.answer}\nAnswer: The halo does it.", f"{pair.answer} Alternatively, tides do it.", f"{pair.answer} The answer could also be the halo.")))),
    "wrong letter": ("options_sound", (choice,), _wrong_letter),
    "options that are none": ("options_sound", (choice,), _doubled_option),
    "option bias": ("options_balanced", (choice,), _long_option),
    "other order, other answer": ("reanswered", (choice,), lambda pair, r: replace(pair, picks=(((pair.right or 0) + 1) % 4, -1, pair.right or 0, ((pair.right or 0) + 2) % 4))),
    "chain to another answer": ("leads", (choice, numeric), lambda pair, r: replace(pair, reasoning=f"Gas flows inward when it loses angular momentum, and something must take it away. This is option {'ABCD'[((pair.right or 0) + 1) % 4]}." if pair.options else "The rotation curve of the halo gives 311.7 for the quantity after all corrections have been made to it.")),
    "others vote otherwise": ("vote", (numeric, choice), lambda pair, r: replace(pair, votes=("D", "A", "C", "B") if pair.options else ("3.1 mJy", "9 mJy", "0.4 mJy"))),
    "value that is not the answer's": ("extracted", _NUMBERS, lambda pair, r: replace(pair, value=_first_digit(pair.answer, r))),
    "chain of few words": ("length", _ALL, _chain("It is so.", "The answer follows.", "Gas sinks inward.")),
}  # fmt: skip
