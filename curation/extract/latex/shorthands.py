"""babel: the shorthands of languages (`"a`, `"=`, `~n`), the commands that French and others bring, and which language is on.

The tables follow the manuals of babel-german, babel-spanish and kin, version of TeX Live 2022. What only hyphenates prints nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.extract.latex.lexer import END, PAR, tokenize
from curation.extract.latex.macros import Macro, builtin

if TYPE_CHECKING:
    from curation.extract.latex.paper_state import EnvHandler
    from curation.extract.latex.stomach import Stomach
    from curation.extract.latex.token_stack import Entry, Handler

_QUOTES = {"`": "„", "'": "“", "<": "«", ">": "»"}
_BREAKS = {"-": "", "=": "-", "~": "-", "|": "", '"': "", "/": "/"}
_UMLAUTS = {"a": "ä", "o": "ö", "u": "ü", "e": "ë", "i": "ï", "A": "Ä", "O": "Ö", "U": "Ü", "E": "Ë", "I": "Ï"}
_NEW_GERMAN = {**_QUOTES, **_BREAKS, **_UMLAUTS, "s": "ß", "z": "ß", "S": "SS", "Z": "SZ"}
_OLD_GERMAN = {**_NEW_GERMAN, **{letter: letter for letter in "cflmnprtCFLMNPRT"}}
_SPANISH = {**_BREAKS, "`": "“", "'": "”", "<": "«", ">": "»", "a": ".ª", "o": ".º", "A": ".ª", "O": ".º", "u": "ü", "U": "Ü", "i": "ï",
            "I": "Ï", "c": "ç", "C": "Ç", "e": "ë", "E": "Ë", "r": "r"}  # fmt: skip
_NORTHERN = {"-": "", "=": "-", "~": "-", "|": "", '"': "", "`": "„", "'": "”", "<": "«", ">": "»"}
_PORTUGUESE = {"-": "-", "=": "-", "~": "-", "|": "", '"': "", "<": "«", ">": "»"}
_CYRILLIC = {**_NORTHERN, "'": "“"}
_OF_LANGUAGES: dict[str, dict[str, str]] = {
    **dict.fromkeys(("ngerman", "naustrian", "nswissgerman"), _NEW_GERMAN),
    **dict.fromkeys(("german", "germanb", "austrian", "swissgerman"), _OLD_GERMAN),
    "spanish": _SPANISH,
    "dutch": {"`": "„", "'": "”", "-": "", "~": "-", "|": "", '"': "", "/": "/", "=": "-", "a": "ä", "e": "ë", "i": "ï", "o": "ö",
              "u": "ü"},
    **dict.fromkeys(("portuguese", "portuges", "brazilian", "brazil"), _PORTUGUESE),
    "italian": {"<": "«", ">": "»", '"': "“", "-": "", "/": "/"},
    **dict.fromkeys(("danish", "norsk", "nynorsk", "swedish", "finnish", "icelandic"), _NORTHERN),
    "polish": {**_NORTHERN, "a": "ą", "c": "ć", "e": "ę", "l": "ł", "n": "ń", "o": "ó", "s": "ś", "r": "ż", "z": "ź", "A": "Ą",
               "C": "Ć", "E": "Ę", "L": "Ł", "N": "Ń", "O": "Ó", "S": "Ś", "R": "Ż", "Z": "Ź"},
    **dict.fromkeys(("russian", "ukrainian", "bulgarian"), _CYRILLIC),
}  # fmt: skip
_LANGUAGE, _OFF = "babel language", "babel shorthands off"
MAIN_LANGUAGE = "babel main language"
_MARK = '"'


# ---------------------------------------------------------------- which language is on
def load_babel(tex: Stomach, options: str) -> None:
    """`\\usepackage[english,ngerman]{babel}`: the last language is the main one; options of the class count too."""
    given = [word.strip() for word in options.split(",") if word.strip()]
    main = next((word.partition("=")[2] for word in given if word.startswith("main=")), "")
    known = [word for word in (*tex.packages, *given) if word in _OF_LANGUAGES or word in _COMMANDS_OF]
    plain = [word for word in given if "=" not in word]
    tex.values[_LANGUAGE] = main or (plain[-1] if plain else known[-1] if known else "english")
    languages = {*known, main}
    tex.values[MAIN_LANGUAGE] = tex.values[_LANGUAGE]
    _name_words(tex, tex.values[_LANGUAGE])
    if tex.values[_LANGUAGE] == "spanish" and not {"es-noshorthands", "es-noquoting"} & set(given):
        tex.t1_ligatures = True
    if "es-noshorthands" in given:
        languages.discard("spanish")
    if any(language in _OF_LANGUAGES for language in languages):
        tex.begin_hook.append(_TURN_ON)
    for language in languages:
        tex.defs.update(_COMMANDS_OF.get(language, {}))


def turn_on(tex: Stomach, name: str) -> None:
    """Where the document begins, `"` becomes a command."""
    tex.set_category(_MARK, 13)
    tex.define(_MARK, shorthand)


_TURN_ON = "\\babel@shorthands@on"


_WORDS_ONLY = "\\\x00language"
"""Switches the language, and not the names of figures and kin."""


def select(tex: Stomach, name: str) -> None:
    """`\\selectlanguage{ngerman}`."""
    language = tex.read_name()
    if name != _WORDS_ONLY and language != tex.values.get(_LANGUAGE):
        _name_words(tex, language)
    tex.note_value(_LANGUAGE, everywhere=False)
    tex.values[_LANGUAGE] = language


def foreign(tex: Stomach, name: str) -> None:
    """`\\foreignlanguage{ngerman}{text}`: in its own group."""
    tex.read_optional()
    language = tex.read_name()
    tex.push(["{", _WORDS_ONLY, "{", language, "}", *tex.read_arg(), "}"])


def language_env(tex: Stomach, name: str) -> None:
    """`\\begin{otherlanguage}{ngerman}`."""
    tex.read_optional_here()
    tex.push_env(name)
    select(tex, name)


def switch_off(tex: Stomach, name: str) -> None:
    """`\\shorthandoff{"}`, `\\shorthandon{"}`: what stands between is as typed."""
    tex.read_star()
    given = "".join(tex.read_arg())
    if _MARK in given:
        tex.note_value(_OFF, everywhere=False)
        tex.values[_OFF] = name == "\\shorthandoff"


# ---------------------------------------------------------------- a shorthand
def shorthand(tex: Stomach, name: str) -> None:
    """`"a` of German is ä; in a language without shorthands, and before anything else, a quotation mark."""
    table = {} if tex.values.get(_OFF) else _OF_LANGUAGES.get(tex.values.get(_LANGUAGE, ""), {})
    tok = tex.next() if table else END
    if not table or tok in (END, PAR, "{", "}"):
        if table:
            tex.pb.append(tok)
        tex.parts.append(_MARK)
        return
    char, rest = (tok, "") if tok[0] == "\\" else (tok[0], tok[1:])
    if rest:
        tex.pb.append(rest)
    if char in table:
        tex.parts.append(table[char])
    else:
        tex.pb.append(char)
        tex.parts.append(_MARK)


# ---------------------------------------------------------------- commands of languages
def _printed(text: str) -> Macro:
    return Macro((), tokenize(text))


_FRENCH: dict[str, Entry] = {
    "\\ier": _printed("er\\xspace"), "\\iers": _printed("ers\\xspace"), "\\iere": _printed("re\\xspace"), "\\ieres": _printed("res\\xspace"), "\\ieme": _printed("e\\xspace"),
    "\\iemes": _printed("es\\xspace"), "\\No": _printed("Nº\\xspace"), "\\no": _printed("nº\\xspace"), "\\Nos": _printed("Nº\\xspace"),
    "\\nos": _printed("nº\\xspace"), "\\primo": _printed("1º\\xspace"), "\\secundo": _printed("2º\\xspace"), "\\tertio": _printed("3º\\xspace"),
    "\\quarto": _printed("4º\\xspace"), "\\fprimo": _printed("1º\\xspace"), "\\fsecundo": _printed("2º\\xspace"), "\\up": builtin("m", "{#1}"),
    "\\fup": builtin("m", "{#1}"), "\\bsc": builtin("m", "\\textsc{#1}"), "\\degre": builtin("", "°"), "\\degres": builtin("", "°"),
    "\\at": builtin("", "@"), "\\circonflexe": builtin("", "\\textasciicircum"), "\\tild": builtin("", "\\textasciitilde"),
    "\\boi": builtin("", "\\textbackslash"), "\\nombre": builtin("m", "{#1}"), "\\frquote": builtin("m", "« {#1} »"),
    "\\ogf": builtin("", "« "), "\\frenchbsetup": builtin("m", ""), "\\frenchsetup": builtin("m", ""),
}  # fmt: skip
_SPANISH_COMMANDS: dict[str, Entry] = {
    "\\sptext": builtin("m", ".{#1}"),
    "\\lsc": builtin("m", "\\textsc{#1}"),
    "\\spanishdecimal": builtin("m", ""),
    "\\decimalpoint": builtin("", ""),
    "\\decimalcomma": builtin("", ""),
    **{
        f"\\{name}": _printed(f"\\ensuremath{{\\operatorname{{{printed}}}}}")
        for name, printed in (
            ("sen", "sen"),
            ("tg", "tg"),
            ("arcsen", "arc\\,sen"),
            ("arctg", "arc\\,tg"),
            ("senh", "senh"),
        )
    },
}
_COMMANDS_OF: dict[str, dict[str, Entry]] = {
    **dict.fromkeys(("french", "francais", "frenchb", "acadian", "canadien"), _FRENCH),
    "spanish": _SPANISH_COMMANDS,
}
_WORDS = ("figure", "table", "abstract", "ref", "bib", "contents", "appendix", "chapter", "part", "proof", "page")
_NAMES_IN = {
    **dict.fromkeys(
        ("german", "ngerman", "austrian", "naustrian"),
        ("Abbildung", "Tabelle", "Zusammenfassung", "Literatur", "Literaturverzeichnis", "Inhaltsverzeichnis", "Anhang", "Kapitel",
         "Teil", "Beweis", "Seite"),
    ),
    **dict.fromkeys(
        ("french", "francais", "frenchb"),
        ("Figure", "Table", "Résumé", "Références", "Bibliographie", "Table des matières", "Annexe", "Chapitre", "Partie",
         "Démonstration", "page"),
    ),
    "spanish": ("Figura", "Cuadro", "Resumen", "Referencias", "Bibliografía", "Índice", "Apéndice", "Capítulo", "Parte", "Prueba", "Página"),
    "italian": ("Figura", "Tabella", "Sommario", "Riferimenti bibliografici", "Bibliografia", "Indice", "Appendice", "Capitolo", "Parte",
                "Dimostrazione", "Pag."),
    **dict.fromkeys(
        ("portuguese", "portuges", "brazilian", "brazil"),
        ("Figura", "Tabela", "Resumo", "Referências", "Bibliografia", "Conteúdo", "Apêndice", "Capítulo", "Parte", "Demonstração", "Página"),
    ),
}  # fmt: skip
"""What `\\figurename` and kin print."""
_ENGLISH_NAMES = (
    "Figure",
    "Table",
    "Abstract",
    "References",
    "Bibliography",
    "Contents",
    "Appendix",
    "Chapter",
    "Part",
    "Proof",
    "Page",
)


def _name_words(tex: Stomach, language: str) -> None:
    names = _NAMES_IN.get(language)
    if names is None and language.endswith(("english", "british", "american", "UKenglish", "USenglish")):
        names = _ENGLISH_NAMES
    for word, printed in zip(_WORDS, names or (), strict=False):
        tex.define(f"\\{word}name", Macro((), [printed], builtin=True))


SHORTHANDS: dict[str, Handler] = {
    _TURN_ON: turn_on,
    **dict.fromkeys(("\\selectlanguage", _WORDS_ONLY), select),
    "\\foreignlanguage": foreign,
    **dict.fromkeys(("\\shorthandoff", "\\shorthandon"), switch_off),
}
LANGUAGE_ENVS: dict[str, EnvHandler] = dict.fromkeys(("otherlanguage", "otherlanguage*"), language_env)
