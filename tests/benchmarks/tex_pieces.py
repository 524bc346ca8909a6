"""Pieces of LaTeX made at random from forms, for a comparison with TeX: each piece has words of its own.

A form is `preamble => body`. In both, `@a`, `@b` .. are commands of the piece's own, `%a`, `%b` .. names without a backslash,
`~` a new word, `+` one or two words or another piece of running text, `?n` a digit from 1 to 9, `{x|y|z?}` one of several
texts (the question mark ends such a choice).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

FORMS: dict[str, list[str]] = {
    "macro": [
        r"\newcommand{@a}[2][~]{~ #1, #2} => @a{+} @a[~]{~} ~",
        r"\newcommand@a{~}\renewcommand@a{~} => @a{} ~",
        r"\providecommand{@a}{~}\providecommand{@a}{~} => @a\ ~",
        r"\DeclareRobustCommand{@a}[1]{\textit{#1} ~} => @a{+} ~",
        r"\def@a#1:#2;{#2 ~ #1} => @a ~:~ ~; ~",
        r"\def@a[#1]{(#1)} => @a[~ ~] ~",
        r"\def@a#1{\def@b##1{##1 #1}} => @a{~}@b{~} ~",
        r"\def@a{~}\let@b=@a\def@a{~} => @b\ @a\ ~",
        r"\def@a{~}\edef@b{@a\ ~}\def@a{~} => @b\ @a\ ~",
        r"\long\def@a#1{#1 ~} => @a{~ ~} ~",
        r"=> {\def@a{~}@a\ {\gdef@a{~}}@a} @a\ ~",
        r"\def@a{@b}\def@b{~ @c}\def@c{~} => @a\ ~",
        r"\def@a#1#2{#2 #1} => \expandafter@a\expandafter{@b}{~} ~",
        r"\newcommand@a{~\xspace} => @a ~ @a. @a{} ~",
        r"\newcommand{@a}{~}\appto@a{ ~}\preto@a{~ } => @a\ ~",
        r"\makeatletter\newcommand@a{~}\g@addto@macro@a{ ~}\makeatother => @a\ ~",
        r"\newcommand@a{~ one}\patchcmd@a{one}{~}{}{} => @a\ ~",
    ],
    "names": [
        r"\expandafter\def\csname %a-1\endcsname{~} => \csname %a-1\endcsname\ ~",
        r"\makeatletter\@namedef{%a}#1{<#1> ~}\makeatother => \makeatletter\@nameuse{%a}{~}\makeatother\ ~",
        r"\csdef{%a}{~} => \csuse{%a}\csuse{%b} ~",
        r"=> \expandafter\ifx\csname %a\endcsname\relax ~\else ~\fi\ ~",
        r"{|\def@a{~}|?} => \ifdefined@a ~\else ~\fi\ ~",
        r"=> \ifcsname {section|zzchapter|citep|%a?}\endcsname ~\else ~\fi\ ~",
        r"=> \makeatletter\@ifundefined{{textbf|chapter|subsection|SI|citet|%a?}}{~}{~}\makeatother\ ~",
        r"=> \makeatletter\@ifpackageloaded{{graphicx|natbib|etoolbox|siunitx?}}{~}{~}\@ifclassloaded{{article|report?}}{~}{~}\makeatother\ ~",
        r"\makeatletter\def@a{\@ifstar{@b}{@c}}\makeatother\def@b#1{~ #1}\def@c#1{#1 ~} => @a{|*?}{~} ~",
        r"\makeatletter\def@a{\@ifnextchar[{@b}{@b[~]}}\makeatother\def@b[#1]#2{#1 #2} => @a{|[~]?}{~} ~",
    ],
    "register": [
        r"\newcount@a => @a=?n \advance@a by ?n \multiply@a ?n x\the@a y ~",
        r"\newcount@a => @a=?n {\advance@a ?n x\number@a y} x\the@a y ~",
        r"\newcount@a => {\global@a=?n?n }x\the@a y ~",
        r"\newdimen@a => @a=?n.?npt \advance@a ?npt x\the@a y ~",
        r"\newlength@a\setlength@a{?npt}\addtolength@a{?npt} => x\the@a y ~",
        r"\newtoks@a => @a={~ ~}\the@a\ ~",
        r"\newcounter{%a}\setcounter{%a}{?n} => \addtocounter{%a}{?n}x\arabic{%a}y x\the%a y x\roman{%a}y x\Alph{%a}y ~",
        r"\newcounter{%a}\newcounter{%b}[%a] => \stepcounter{%b}\stepcounter{%b}x\the%b y\stepcounter{%a} x\the%b y ~",
        r"\newcounter{%a}\renewcommand\the%a{\Roman{%a}.} => \refstepcounter{%a}\refstepcounter{%a}\label{%a}~ x\ref{%a}y ~",
        r"=> x\the\numexpr ?n*(?n+?n)-?n\relax y x\the\dimexpr ?npt*?n\relax y ~",
        r"=> x\romannumeral ?n y x\uppercase\expandafter{\romannumeral ?n?n}y ~",
        r"=> x\char6?n y x\char`\~y x\char'10?n y x\symbol{7?n}y ~".replace(r"x\char`\~y", "x\\char`Ky").replace(
            "10?n", "104"
        ),
        r"\newcounter{%a} => \setcounter{%a}{?n*(?n+?n)}x\the%a y x\the\value{%a}y ~",
        r"=> {\parskip=?npt plus 1pt \hsize=\hsize \tolerance ?n00 ~} ~",
        r"\newdimen@a\chardef@b=?n => @a=@b pt x\the@a y x\number@b y ~",
    ],
    "condition": [
        r"\newif\if%a\%a{true|false?} => \if%a ~\else ~\fi\ {\%a{true|false?}\if%a ~\else ~\fi}\ \if%a ~\else ~\fi\ ~",
        r"\let\if%a\if{true|false?} => \if%a ~\else ~\fi\ ~",
        r"=> \ifnum?n{<|=|>?}?n ~\else +\fi\ \unless\ifnum?n>?n ~\fi\ ~",
        r"=> \ifdim?n{pt|mm|ex?}<?n{pt|mm|em?} ~\else ~\fi\ ~",
        r"=> \ifodd?n?n ~\else ~\fi\ \ifcase?n ~\or ~\or ~\or ~\else ~\fi\ ~",
        r"\def@a{~}\def@b{{~|same?}}\def@c{same} => \ifx@b@c ~\else ~\fi\ ~",
        r"\def@a#1{\def@b{#1}\ifx@b\empty ~\else (#1)\fi} => @a{{|~?}} ~",
        r"=> \if {a|b?}{a|b?}~\else ~\fi\ \ifcat {a|1?}b~\else ~\fi\ ~",
        r"=> ~ \iffalse ~ \ifnum1<2 ~\else ~\fi\ \else ~\fi\ ~",
        r"\newcount@a => @a=0 \loop\ifnum@a<{1|2|3?} \advance@a 1 ~ x\the@a y \repeat ~",
        r"=> \iffalse\loop\iftrue ~\repeat\fi ~",
        r"\let@a\fi => \iffalse ~ @a ~",
        r"\def@a{\ifmmode\mathrm{~}\else ~\fi} => @a\ $@a$ ~",
    ],
    "ifthen": [
        r"=> \ifthenelse{?n<?n \{and|or|AND|OR?} ?n>?n}{~}{~} ~",
        r"=> \ifthenelse{\not \equal{{a|b?}}{a} \or \isodd{?n}}{~}{+} ~",
        r"=> \ifthenelse{\lengthtest{?npt{<|>|=?}?npt}\and\(1<2\or 2<1\)}{~}{~} ~",
        r"\newboolean{%a}\setboolean{%a}{{true|false?}} => \ifthenelse{\boolean{%a}}{~}{~} ~",
        r"\newcounter{%a} => \whiledo{\value{%a}<{1|2|3?}}{\stepcounter{%a}~ }~",
        r"=> \ifthenelse{\isundefined{\{section|zznone?}}}{~}{~} ~",
    ],
    "etoolbox": [
        r"\newtoggle{%a}\toggle{true|false?}{%a} => \iftoggle{%a}{~}{~} {\toggletrue{%a}\nottoggle{%a}{~}{~}} ~",
        r"\newcommand@a{{|~?}} => \ifdefempty{@a}{~}{~} \ifdef{@a}{~}{~} \ifundef{@b}{~}{~} ~",
        r"=> \ifstrequal{{a|b?}}{a}{~}{~} \ifstrempty{{|a?}}{~}{~} \ifblank{{ |a?}}{~}{~} ~",
        r"=> \ifnumcomp{?n}{>}{?n}{~}{~} \ifnumodd{?n}{~}{~} \ifdimless{?npt}{?npt}{~}{~} ~",
        r"\newbool{%a}\setbool{%a}{{true|false?}} => \ifboolexpr{bool {%a} {and|or?} not test {\ifdef{@a}}}{~}{~} ~",
        r"=> \forcsvlist{\textsf}{~,~} ~",
        r"\def@a#1{[#1] } => \forcsvlist{@a}{~, ~,{~,~}}~",
        r"=> \renewcommand*{\do}[1]{(#1) }\docsvlist{~,~}~",
        r"\listadd@a{~}\listadd@a{~}\def@b#1{(#1) } => \forlistloop@b@a ~",
    ],
    "loop": [
        r"=> \makeatletter\@for@a:=~,~\do{(@a) }\makeatother ~",
        r"=> \makeatletter\@tfor@a:={~}k{~}\do{(@a) }\makeatother ~",
        r"=> \foreach @a in {~,~,~}{(@a) }~",
        r"=> \foreach @a in {1,...,{2|3|4?}}{x@a y }~",
        r"=> \foreach @a/@b in {~/~,~/~}{@b\ @a; }~",
        r"\newcount@a => @a={1|2|3?} \makeatletter\@whilenum@a>0\do{~ \advance@a -1 }\makeatother ~",
    ],
    "document command": [
        r"\NewDocumentCommand@a{s o m}{\IfBooleanTF{#1}{~}{~} \IfNoValueTF{#2}{~}{#2} #3} => @a{|*?}{|[~]?}{+} ~",
        r"\NewDocumentCommand@a{O{~} D(){~} m}{#1 #2 #3} => @a{|[~]?}{|(~)?}{~} ~",
        r"\NewDocumentCommand@a{m t/ m}{#3 \IfBooleanTF{#2}{~}{~} #1} => @a{~}{|/?}{~} ~",
        r"\NewDocumentCommand@a{m e{^_}}{#1\IfValueT{#2}{ (#2)}\IfValueT{#3}{ [#3]}} => @a{~}{|_{~}|^{~}_{~}?} ~",
        r"\NewDocumentEnvironment{%a}{m O{~}}{#1 ~ }{ #2} => \begin{%a}{~}{|[~]?} + \end{%a} ~",
        r"\newcommandx@a[3][1=~,3=~]{#1 #2 #3} => @a{|[~]?}{~}{|[~]?} ~",
        r"\newenvironment{%a}[2][~]{#1 #2 }{ ~} => \begin{%a}{|[~]?}{~} + \end{%a} ~",
    ],
    "box": [
        r"\newsavebox@a => \sbox@a{~ ~}~ \usebox@a\ \usebox{@a} ~",
        r"\newsavebox@a => \begin{lrbox}{@a}~\end{lrbox}~ \usebox@a\ ~",
        r"=> \setbox1=\hbox{~}~ \copy1 \box1{} x\box1 y ~",
        r"=> \setbox2=\vbox{\hbox{~}}\ifdim\wd2>0pt ~\else ~\fi\ ~",
        r"=> \vtop{\hbox{~}\hbox{~}} ~",
        r"=> \fbox{+} \makebox[4cm][r]{~} \raisebox{1pt}{~} \parbox{5cm}{~} ~",
    ],
    "string": [
        r"=> \IfSubStr{~}{{a|zz?}}{~}{~} \IfStrEq{{ab|ac?}}{ab}{~}{~} \IfInteger{{12|1a?}}{~}{~} ~",
        r"=> \StrSubstitute{~}{{a|o?}}{e} \StrBefore{~-~}{-} \StrLen{~} ~",
        r"=> \uppercase{~} \MakeUppercase{~ @a} ~".replace("@a", ""),
        r"\def@a{~} => \MakeUppercase{~ @a} \lowercase{ABc} \uppercase\expandafter{@a} ~",
        r"=> \makeatletter\@gobble{~}\@firstoftwo{~}{~}\@secondoftwo{~}{~}\makeatother ~",
        r"=> \textbf{\string a}\ \number\pdfstrcmp{a}{{a|b?}} ~",
    ],
    "text": [
        r"=> ~\footnote{+} ~",
        r"=> ~\verb|~ ~| ~",
        r"=> \begin{itemize}\item + \item[~] ~\end{itemize} ~",
        r"=> \begin{enumerate}\item ~ \item\label{%a} +\end{enumerate} x\ref{%a}y ~",
        r"=> \begin{tabular}{lcr}~ & ~ & +\\ \multicolumn{2}{c}{~} & ~\end{tabular} ~",
        r"=> $\mathrm{~}_{\mathrm{~}}$ \[\begin{cases}\mathrm{~} & \text{if ~}\end{cases}\] ~",
        r"=> {\aftergroup@a ~ }~ \afterassignment@a\count1=?n ~",
        r"=> {\catcode`\!=\active \def!{~ }!~ !}~",
        r"=> ~%~" + "\n" + r" ~ \textit{+} {\bfseries ~ \itshape ~} ~",
    ],
}
PREAMBLE = r"""\usepackage{etoolbox,ifthen,calc,pgffor,xstring,xspace,xargs,xparse,amsmath,graphicx}
"""
_CHOICE = re.compile(r"\{([^{}|?]*(?:\{[^{}]*\}[^{}|?]*)*(?:\|(?:[^{}|?]|\{[^{}]*\})*)+)\?\}")
_RUNNING = ("macro", "condition", "register", "string", "document command")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a document: what it needs before it, its text, and the kinds of forms in it."""

    preamble: str
    body: str
    kinds: frozenset[str]


class Maker:
    """Makes pieces; the same random numbers make the same pieces.

    Args:
        numbers: the source of chance.
        depth: how deep running text may hold other pieces.
    """

    def __init__(self, numbers: random.Random, depth: int = 2) -> None:
        self.numbers = numbers
        self.depth = depth

    def word(self) -> str:
        """A word that no other piece has, in letters that no ligature joins."""
        pick = self.numbers.choice
        return "".join(pick("bdgkmnprtvz") + pick("aou") for _ in range(3)) + pick("bdgkmnprtvz")

    def piece(self, depth: int | None = None, kinds: tuple[str, ...] = tuple(FORMS)) -> Piece:
        """One piece of one of these kinds."""
        depth = self.depth if depth is None else depth
        kind = self.numbers.choice(kinds)
        before, _, body = self.numbers.choice(FORMS[kind]).partition("=> ")
        made = {kind}
        names: dict[str, str] = {}
        parts = [self._filled(part, depth, names, made) for part in (before, body)]
        inner = [text for text in names if text.startswith("\x00")]
        return Piece("".join(inner).replace("\x00", "") + parts[0], parts[1], frozenset(made))

    def _filled(self, text: str, depth: int, names: dict[str, str], made: set[str]) -> str:
        while m := _CHOICE.search(text):
            text = text[: m.start()] + self.numbers.choice(m.group(1).split("|")) + text[m.end() :]

        def fill(m: re.Match[str]) -> str:
            mark = m.group(0)
            if mark == "~":
                return self.word()
            if mark == "?n":
                return str(self.numbers.randint(1, 9))
            if mark == "+":
                return self._running(depth, names, made)
            name = names.setdefault(
                mark[1], "q" + "".join(self.numbers.choice("bcdfghjkmnpqrstvwxz") for _ in range(6))
            )
            return ("\\" if mark[0] == "@" else "") + name

        return re.sub(r"@[a-d](?![a-z])|%[a-d](?![A-Za-z])|~|\?n|(?<!\d)\+(?!\d)", fill, text)

    def _running(self, depth: int, names: dict[str, str], made: set[str]) -> str:
        if depth <= 0 or self.numbers.random() < 0.5:
            return " ".join(self.word() for _ in range(self.numbers.randint(1, 2)))
        inner = self.piece(depth - 1, _RUNNING)
        made |= inner.kinds
        names["\x00" + inner.preamble] = ""
        return inner.body
