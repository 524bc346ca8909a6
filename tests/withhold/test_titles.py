"""Titles name one work through spelling, damage and subtitles, and never through numbers. Titles are made up for the tests."""

from __future__ import annotations

import random
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from curation.withhold.title_changes import changes_with_swaps
from curation.withhold.title_form import title_of, words_of
from curation.withhold.titles import MIN_LONE_LETTERS, agreement, alike, close_pairs, may_differ

LONG = "The Chemical Enrichment of Small Galaxies in the Local Group"
ONE_WORK = [
    (r"The H\,{\sc ii} Regions of the Kestrel Galaxy", "The HII regions of the Kestrel galaxy", "The H II Regions of the Kestrel Galaxy"),
    (r"\ion{O}{iii} Lines of Quiet Quasars", "[O III] lines of quiet quasars", "OIII Lines of Quiet Quasars"),
    (r"Damped Ly$\alpha$ Systems in Groups", "Damped Lyα systems in groups", "Damped Lyman-alpha Systems in Groups"),
    (r"A {$\Lambda$}CDM View of Dwarf Discs", "A ΛCDM view of dwarf disks", "A LCDM View of Dwarf Disks"),
    (r"Winds above 10 M$_\odot$ in the Clouds", "Winds above 10 M⊙ in the Clouds", "Winds above 10 Msun in the Clouds"),
    (r"Dust at 100\,$\mu$m around K\"onig's Stars", "Dust at 100 μm around König's stars", "Dust at 100 micron around Konig's stars"),
    (r"{\AE}ther Drift and the {{C$_3$}} Bands", "Æther drift and the C3 bands", "Aether drift and the C-3 bands"),
    ("Stars &amp; Gas in <i>Quiet</i> Rings", r"Stars \& Gas in \emph{Quiet} Rings", "Stars and gas in quiet rings"),
    ("On the Kestrel Survey. II. Colours of Blue Dwarfs", "The Kestrel survey - 2: Colours of blue dwarfs"),
    ("Review: The Growth of Quiet Galaxies at Noon", "The growth of quiet galaxies at noon", "The Growth of Quiet Galaxies at Noon: A Review"),
    ("Invited review: Cold Streams and their Fate", "Cold streams and their fate (review article)", "Cold Streams and Their Fate"),
    ("The Ages and Masses of the Oldest Dwarfs of the Kestrel Halo: A New View", "The ages and masses of the oldest dwarfs of the Kestrel halo"),
    ("Masses of the Smallest Planets", "Masses of the smallest planets: Masses of the smallest planets"),
    (r"Spectra at z\,$\sim$\,2 {\textemdash} the {\textquoteleft}quiet{\textquoteright} era", "Spectra at z ~ 2 - the 'quiet' era"),
    ("Abundances from a Sample of Quiet Stars", "Abundances from the sample of quiet stars"),
    ("Review: A Census of Quiet Stars in Old Rings", "A census of quiet stars in old rings"),
    ("The Bands of (NH3)-N-15 around Quiet Stars", "The bands of $^{15}$NH$_3$ around quiet stars", "The Bands of 15NH3 around Quiet Stars"),
    ("Lines of (N2O)-N-14-O-16 and O-18(3) in Air", "Lines of $^{14}$N$_2^{16}$O and $^{18}$O$_3$ in air"),
    (r"A Hole of 23 M$_\odot$ in a Quiet Group", "A Hole of 23 Solar Masses in a Quiet Group"),
    ("The Quiet Sky Survey (QSS) of Blue Dwarfs", "The Quiet Sky Survey of Blue Dwarfs"),
    ("Kestrel Concepts: The Growth of Rings: Kestrel Concepts: The Growth of Rings", "Kestrel Concepts: The Growth of Rings"),
    (r"The Growth of Rings at Noon\thanks{Based on \emph{our} data}", r"The growth of rings at noon\footnote{x}", "The growth of rings at noon"),
    (r"Rings at $\langle z\rangle$ = 2.4 \rarr 3 in \textalpha{} Stars", "Rings at ⟨z⟩ = 2.4 → 3 in α stars"),
    ("Quiet Rings in Old Groups of Blue Dwarfs", "Quiet Rings in Blue Dwarfs of Old Groups"),
    ("Rings versus Discs in Old Groups", "Rings vs. Disks in Old Groups"),
]  # fmt: skip
TWO_WORKS = [
    ("The Kestrel Survey. I. Colours of Blue Dwarfs", "The Kestrel Survey. II. Colours of Blue Dwarfs"),
    ("The Kestrel Survey. I. Colours of Blue Dwarfs", "The Kestrel Survey. V. Colours of Blue Dwarfs"),
    ("The Kestrel Survey. II. Colours of Blue Dwarfs", "The Kestrel Survey. III. Colors of Blue Dwarfs"),
    ("The Kestrel Survey: Masses of Blue Dwarfs", "The Kestrel Survey: Spectra of Quiet Rings"),
    ("The Kestrel Survey of 2011: Release of Spectra", "The Kestrel Survey of 2012: Release of Spectra"),
    ("The Atmosphere of the Planet HD 209458 b", "The Atmosphere of the Planet HD 189733 b"),
    ("Quiet Rings around Old Stars", "Quiet Rings around New Stars and Planets"),
    ("Rotation Curves of Blue Compact Galaxies", "Rotation Curves of Red Diffuse Galaxies"),
    ("Weak Winds of Massive Stars in the Small Cloud", "Strong Winds of Massive Stars in the Small Cloud"),
    ("Colours of Blue Dwarfs in Quiet Rings", "Colours of Blue Dwarfs in Quiet Rings: Part II"),
    ("Lists of Kestrel Lines XIII. The Spectrum of Tin", "Lists of Kestrel Lines XXXI. The Spectra of Tin"),
    ("The First Data Release of the Kestrel Survey", "The Third Data Release of the Kestrel Survey"),
    ("A Kestrel Survey of the Southern Hemisphere at Noon", "A Kestrel Survey of the Northern Hemisphere at Noon"),
    ("The Kestrel Package, Version 1.3: Rings for All", "The Kestrel Package, Version 1.5: Rings to All"),
    ("Sizes of the Kestrel Ring near 1.5 Bands (I)", "Sizes of the Kestrel Ring near 1.5 Bands (III)"),
    ("Sections for Winds and Collisions with Nitrogen Rings", "Sections for Winds and Collisions with Hydrogen Rings"),
    ("Bands of HF in Quiet Old Rings", "Bands of HCl in Quiet Old Rings"),
    ("Models of the Ring with Quiet Clump Giants", "Models of the Ring with Quiet Clump Stars"),
    ("Composition of the Dwarfs of the Pleiades Group", "Composition of the Dwarfs of the Hyades Group"),
    ("The Photoproduction of a Kaon in Quiet Rings", "The Photoproduction of a Meson in Quiet Rings"),
    ("Search for a Ring with Two Leptons", "Search for a Ring with Two Tau Leptons"),
    ("Rings to the Limits of Reason: Notes. Chapter 3", "Rings to the Limits of Reason: Notes. Chapter 5"),
    (
        "Search for a Vector Ring with Quiet Partners in Old Groups of Dwarfs",
        "Search for a Bottom Ring with Quiet Planets in Old Groups of Dwarfs",
    ),
    ("Scattering of Slow Electrons by HF", "Scattering of Slow Electrons by HCl"),
    ("The Rotation of SiO in Quiet Rings of Blue Dwarfs", "The Rotation of CO in Quiet Rings of Blue Dwarfs"),
    ("", ""),
    ("???", "..."),
]


@pytest.mark.parametrize("spellings", ONE_WORK)
def test_spellings_of_one_title(spellings: tuple[str, ...]) -> None:
    for one, other in combinations(map(title_of, spellings), 2):
        assert alike(one, other, agrees=True), (one, other)
        assert alike(other, one, agrees=None), (one, other)


@pytest.mark.parametrize("titles", TWO_WORKS)
def test_titles_of_two_works(titles: tuple[str, str]) -> None:
    one, other = map(title_of, titles)
    assert alike(one, other, agrees=None) is None
    assert alike(one, other, agrees=True) is None


def test_what_stands_before_a_subtitle_needs_an_author_where_it_is_short() -> None:
    one, other = (
        title_of("The Ages of the Oldest Quiet Dwarfs: A New View"),
        title_of("The Ages of the Oldest Quiet Dwarfs"),
    )
    assert alike(one, other, agrees=True) == 1000 and alike(one, other, agrees=None) is None


def test_known_disagreement_is_final() -> None:
    assert alike(title_of(LONG), title_of(LONG), agrees=False) is None


def test_more_may_differ_where_the_author_agrees_and_in_long_titles() -> None:
    for letters in range(200):
        assert may_differ(letters, agrees=True) >= may_differ(letters, agrees=False)
        assert may_differ(letters + 1, agrees=True) >= may_differ(letters, agrees=True)
    assert (may_differ(12, agrees=True), may_differ(50, agrees=True)) == (3, 9)
    assert (may_differ(30, agrees=False), may_differ(50, agrees=False)) == (5, 9)


def test_short_titles_must_be_the_same_and_the_shortest_need_an_author() -> None:
    short, lone = title_of("Cool white dwarfs"), title_of("Galactic bars")
    assert len(short.letters) == MIN_LONE_LETTERS
    assert alike(short, short, agrees=None) == 1000
    assert alike(title_of("Cold white dwarfs"), short, agrees=None) is None
    assert alike(lone, lone, agrees=None) is None and alike(lone, lone, agrees=True) == 1000


def test_differences_in_a_heap_are_another_word() -> None:
    title = title_of(LONG)
    spread = title_of("The Chxmical Enrichmqnt of Smalz Galaxies in the Lwcal Group")
    assert alike(spread, title, agrees=None)
    one, other = (
        title_of(f"Early Studies of Electrical Properties of {gas} in Rings") for gas in ("Ethane", "Ethylene")
    )
    assert alike(one, other, agrees=None) is None and alike(one, other, agrees=True) is None
    heap = title_of("The Chemical Enrichment of Large Galaxies in the Local Group")
    assert alike(heap, title, agrees=None) is None


def test_a_damaged_digit_is_damage_only_beside_other_damage() -> None:
    title = title_of("The Atmosphere of the Planet HD 209458 b and its Winds")
    assert alike(title_of("The Atmosphere of the Planet HD 2x9458 b and its Winds"), title, agrees=None), "no digit"
    assert alike(title_of("The Atmosphere of the Planet HD 20948 b and its Winds"), title, agrees=None), "long"
    few = title_of("The Atmosphere of the Planet HD 20 b and its Winds")
    assert alike(title_of("The Atmosphere of the Planet HD 2 b and its Winds"), few, agrees=True) is None, "another"
    assert alike(title_of("The Atmosphere of the Planet HD 2O9458 b and its Winds"), title, agrees=True), "O is like 0"
    assert alike(title_of("The Atmosphxre of the Planet HD 2x9458 b and its Winds"), title, agrees=True)
    assert alike(title_of("The Atmosphxre of the Planet HD 209478 b and its Winds"), title, agrees=True) is None
    assert alike(title_of("The Atmosphxre of the Plznet HD 209478 b and its Wxnds"), title, agrees=True), "much"
    assert alike(title_of("The Atmosphxre ox the Plzzet HD 219478 b and its Winds"), title, agrees=True) is None


def test_swapped_digits_of_a_long_number_are_damage_beside_other_damage_only() -> None:
    title = title_of("The Atmosphere of the Planet HD 209458 b and its Winds")
    for words, is_found in (
        ("Atmosphere of the Planet", False),
        ("Atmosphxre of the Planet", False),
        ("Atmosphxre of the Plznet", True),
    ):
        swapped = title_of(f"The {words} HD 290458 b and its Winds")
        assert (alike(swapped, title, agrees=None) is not None) is is_found, words
    short = title_of("The Atmosphxre of the Plznet HD 02 b and its Winds")
    assert alike(short, title_of("The Atmosphere of the Planet HD 20 b and its Winds"), agrees=None) is None


def test_a_lone_number_is_missing_only_beside_other_damage() -> None:
    title = title_of("The Kestrel Survey. 2. Colours of Blue Dwarfs in Quiet Rings")
    for damaged, is_found in ((0, False), (1, True), (2, True)):
        hurt = "The Kestrel Survey. Colours of Blue Dwarfs in Quiet Rings".replace("Kes", "Kxs", damaged > 0)
        hurt = hurt.replace("Dwarfs", "Dwqrfs") if damaged > 1 else hurt
        assert (alike(title_of(hurt), title, agrees=True) is not None) is is_found


@pytest.mark.parametrize(
    "hurt",
    [
        "The Chernical Enrichrnent of Srnall Galaxies in tbe Local Group",
        "The Chem1cal Enr1chment of 5mall Galax1es in the L0cal Gr0up",
        "The Chemical Enrcihment of Smlal Galaxies in the Loacl Group",
        "TheChemicalEnrichment ofSmall Galax ies intheLocalGroup",
        "TheC hemcial Enrcihmnet of mSalGl alaxies ni the Locla Gruop",
        "Chemical Enrichment of Small Galaxies in Local Group",
        "The Chemi-\ncal Enrich\u00adment of Small Galaxies in the Lo\u00adcal Group",
        "T\u0324he Ch\u00e9mical Enrichment of Sm\u0430ll Galaxies in the Local Group",
        "The Chemical Enrichment of Small Galaxies in the Local Group\u2020",
        r"The Chemical $\mathrn{Enrichment}$ of \textitt{Small} Galaxies in the Local Group",
        r"The Chemical $\mathrmEnrichment}$ of Small Galaxies in the Local Group",
    ],
)
def test_damage_of_many_kinds(hurt: str) -> None:
    for agrees in (None, True):
        assert alike(title_of(hurt), title_of(LONG), agrees=agrees), title_of(hurt).letters
        assert alike(title_of(LONG), title_of(hurt), agrees=agrees), title_of(hurt).letters


EDITS = {
    "start": LONG.replace("The Chemical", "Chemical"),
    "middle": LONG.replace("Small", "Sm all"),
    "end": LONG.replace("Group", "Groups"),
    "insertion": LONG.replace("Galaxies", "the Galaxies"),
    "deletion": LONG.replace("in the", "in"),
    "edit": LONG.replace("Enrichment of", "Enrichement in"),
    "punctuation": LONG.upper().replace(" ", " ... ") + "?!",
    "several": LONG.replace("The Chemical", "Chemcial").replace("Galaxies", "galaxies,").replace("Group", "Gruop"),
}


@pytest.mark.parametrize("kind", EDITS)
def test_an_edited_title_is_found(kind: str) -> None:
    for one, other in permutations((title_of(EDITS[kind]), title_of(LONG))):
        assert alike(one, other, agrees=None) and alike(one, other, agrees=True)


@pytest.mark.parametrize(
    ("one", "other", "agrees", "is_found"),
    [
        ("Quiet Rings in Old Groups of Stars", "Quiet Stars in Old Groups of Rings", None, True),  # five words
        ("Quiet Rings in Groups of Stars", "Quiet Stars in Groups of Rings", True, False),  # four
        ("The Quiet Ring I: Colours of Blue Dwarfs", "The Quiet Ring X: Colours of Blue Dwarfs", True, False),
        ("The Quiet Ring of Type 1 in Blue Dwarfs", "The Quiet Ring of Type l in Blue Dwarfs", True, True),
        ("The Quiet Ring of Type 4 in Blue Dwarfs", "The Quiet Ring of Type x in Blue Dwarfs", True, False),
        ("A Quiet Study of Pulsars and Electronics", "A Quiet Study of Pulsars and Elephantics", True, False),
        ("Quiet Pumping forSiO in Old Blue Masers", "Quiet Pumping for SiO in Old Blue Masers", None, True),
        ("Quiet Masers of the Blck Dwarfs", "Quiet Masers of the Back Dwarfs", None, True),
        ("A Quiet Study of Pulsars and Electronics", "A Quiet Study of Pulsars and Elxctrqnzcs", True, True),
    ],
)
def test_what_words_and_numbers_may_be(one: str, other: str, agrees: bool | None, is_found: bool) -> None:
    for mine, theirs in permutations((title_of(one), title_of(other))):
        assert (alike(mine, theirs, agrees=agrees) is not None) is is_found


def test_damaged_titles_are_found() -> None:
    rng = random.Random(3)
    titles = [t for group in ONE_WORK for t in group[-1:] if len(t) > 34 and t.replace(" ", "").isalpha()] + [LONG]
    assert len(titles) > 4
    found = tried = 0
    for _ in range(40):
        for title in titles:
            hurt = "".join(rng.choice("abcdefgh") if rng.random() < 0.05 else c for c in title)
            tried += 1
            found += alike(title_of(hurt), title_of(title), agrees=True) is not None
    assert found / tried > 0.96  # titles of 30 to 60 letters


def test_a_base_in_common_makes_no_one_work_of_two_subtitles() -> None:
    one, other = (
        title_of("The Kestrel Survey of Faint Galaxies: Masses"),
        title_of("The Kestrel Survey of Faint Galaxies: Winds"),
    )
    assert list(close_pairs([one], [other])) in ([], [(0, 0)])
    assert alike(one, other, agrees=True) is None


@given(st.lists(st.sampled_from([t for group in (*ONE_WORK, *TWO_WORKS) for t in group]), max_size=12))
def test_no_pair_that_is_alike_is_passed_over(titles: list[str]) -> None:
    forms = [title_of(title) for title in titles]
    pairs = set(close_pairs(forms, forms[::2]))
    for i, one in enumerate(forms):
        for j, other in enumerate(forms[::2]):
            if alike(one, other, agrees=True) is not None:
                assert (i, j) in pairs


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    title = title_of(text)
    assert title.letters == "".join(title.letters.split())
    words_of(text)


@pytest.mark.parametrize(
    ("authors", "date", "first", "year", "verdict"),
    [
        ("Hannah Weiss, Joao Figueira", "2012-01-01", "Weiss, H.", 2013, True),
        ("Hannah Weiss", "2012-01-01", "H. Weiss", 2016, False),
        ("Rosa Mendes", "2012-01-01", "Weiss", 2012, False),
        ("M\u00fcller, J.", None, "Mueller", None, True),
        ("Je\u017cabek, M.", "1999-01-01", "M. Jezabek", None, True),
        (None, "2012-01-01", "Weiss", 2013, None),
        (None, "2012-01-01", "Weiss", 2019, False),
        ("Hannah Weiss", None, None, 2013, None),
        ("Hannah Weiss", None, "...", None, None),
        (None, None, None, None, None),
    ],
)
def test_agreement_is_of_authors(
    authors: str | None, date: str | None, first: str | None, year: int | None, verdict: bool | None
) -> None:
    assert agreement(authors, date, first, year) is verdict


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Lines of Li in Stars", "linesofliinstars"),
        ("Ring Lists. XLIV. Tin", "ringlists44tin"),
        ("Ring Lists. XIX. Tin", "ringlists19tin"),
        ("Stars and Stars", "starsandstars"),
        ("Bands of O-18 in Air", "bandsof18oinair"),
        (r"Bands $a \leftarow b$ in Air", "bandsabinair"),
        (r"Bands $a \leftarxxw b$ in Air", "bandsabinair"),
        (r"Bands of the \mypower in Air", "bandsofthemypowerinair"),
        (r"Bands of \mathrmiron in Air", "bandsofironinair"),
        (r"kemph{Bands} textbf{of} \texubfiron in Air", "bandsofironinair"),
        (r"Bands $a rightarrow b$ in Air", "bandsabinair"),
        (r"The emphatic Textbook of Mathematics", "theemphatictextbookofmathematics"),
        (r"The \ae{}ther of \'{E}lan", "theaetherofelan"),
    ],
)
def test_the_letters_of_a_title(title: str, letters: str) -> None:
    assert title_of(title).letters == letters


def test_two_long_words_name_a_work_alone_where_little_is_damaged() -> None:
    title = title_of("Magnetohydrodynamical Superconductivity")
    two = title_of("Magnetohydrodynamicql Superconductivitz")
    three = title_of("Magnetohydrodynqmicql Superconductivitz")
    assert (
        alike(two, title, agrees=None) and alike(three, title, agrees=None) is None and alike(three, title, agrees=True)
    )
    assert alike(title_of("Quiet starburstz"), title_of("Quiet starbursts"), agrees=None) is None
    assert alike(title_of("Superconductivitiez"), title_of("Superconductivities"), agrees=None) is None


@given(st.text("abcd", max_size=12), st.text("abcd", max_size=12))
def test_the_fewest_changes_make_one_text_of_the_other(one: str, other: str) -> None:
    changes = changes_with_swaps(one, other, len(one) + len(other))
    assert len(changes) == OSA.distance(one, other)
    made, at = "", 0
    for tag, i, j in changes:
        made += one[at:i]
        at = i + {"insert": 0, "swap": 2}.get(tag, 1)
        made += {"delete": "", "swap": one[i : i + 2][::-1]}.get(tag, other[j : j + 1])
    assert made + one[at:] == other
