"""python verifier.py RELEASE [AUDIT_FOLDER]: a stranger's, written after data_cards/AUDIT.md alone, with nothing of ours."""

import hashlib
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow.parquet as pq

SCAN = re.compile(
    r"(?s)(?P<join>(?<=[A-Za-z])[-\u2010\u00ad][ \t\r]*\n[ \t]*(?=[a-z]))|(?P<brace>(?!\}\{)[{}])"
    r"|(?P<none>\\[`'\"^~=.](?=\{?[A-Za-z])|\\[cvuHkrbdt](?=\{)|&(?:amp;)*(?:shy|zwn?j);)|(?P<named>&(?:amp;)*(?:"
    r"(?P<letter>[A-Za-z])(?:acute|grave|uml|circ|tilde|cedil|ring|caron)|#0*(?P<ten>[0-9]{1,6})|#[xX]0*(?P<hex>[0-9a-fA-F]{1,5}));)"
    r"|(?P<part>\\[A-Za-z]+|\}(?=\{)|%(?:25)*(?:0[9aAdD]|2[0-9a-fA-F]|3[a-fA-F])|&(?:amp;)*(?:nbsp|e[nm]sp|thinsp|hairsp|numsp|Tab"
    r"|NewLine|amp|[lg]t|quot|apos|[lr][sd]quo|[nm]dash|minus|hellip|times|plus);)|(?P<other>.)"
)
LOOKS = "AАΑᴀ BВΒʙ CСϹᴄ Dᴅ EЕΕᴇ GԌɢ HНΗʜ IІΙӀɪ JЈͿᴊ KКΚᴋ Lʟ MМΜᴍ NΝɴ OОΟᴏ PРΡᴘ QԚ Rʀ SЅꜱ TТΤᴛ Uᴜ VѴᴠ WԜᴡ XХΧ YУҮΥʏ ZΖᴢ aаαɑ bвьβ cсϲ dԁ eеεҽ fƒ gԍɡ hнһհ iіιıɩ jјϳȷ kкκ lӏ mм nпηոռ oоοօ pрρ qԛգ rг sѕ tтτ uυսʋ vѵν wԝωѡ xхχ yуγү zʐ"
LATIN = {ord(c): group[0] for group in LOOKS.split() for c in group[1:]}
HUMP = re.compile(r"(?:\S*?[a-z][A-Z]){3}\S*")
WORDS = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])")
CODED = re.compile(
    r"(?is)<!--.{0,2000}?-->|</?(?:(?P<part>(?:br|p|div|li|td|th|tr|hr)(?![a-z0-9]))|[a-z])[^<>]*>"
    r"|\\u(?P<u>(?!d[89a-f])[0-9a-f]{4})|%(?P<x>[2-7][0-9a-f])|\[\^\d+\]|(?<=[a-z])[\u00b2\u00b3\u00b9\u2070\u2074-\u2079]+"
)
UNSEEN, WHITE, FILLERS = ("Mn", "Mc", "Me", "Cf", "Co", "Cn", "Cc"), "\t\n\v\f\r\x85", "\u115f\u1160\u2800"
PAIR = ("question", "reasoning", "answer", "messages", "prompt", "completion", "evidence")
BESIDE = {
    "documents": "id paper_id title authors categories licence doi bibcode url attribution source source_id",
    "pairs": "pair_id doc_id paper_id engine",
}


def tokens(text):
    out, after_letter = [], False
    for match in SCAN.finditer(text or ""):
        kind = match.lastgroup
        if kind == "part" or (kind == "join" and not after_letter):
            out.append(" ")
        elif kind in ("other", "named"):
            c = match["letter"] or match["other"] or chr(int(match["ten"] or 0) or int(match["hex"] or "0", 16))
            folded = c if c.isascii() else unicodedata.normalize("NFKD", c).translate(LATIN).casefold()
            seen = (c for c in folded if c in WHITE or (unicodedata.category(c) not in UNSEEN and c not in FILLERS))
            out += [c if c.isalnum() else " " for c in seen]
        after_letter = kind == "other" and match[0].isascii() and match[0].isalpha()
    return HUMP.sub(lambda joined: WORDS.sub(" ", joined[0]), "".join(out)).casefold().split()


def readings(text):
    yield tokens(text)
    if CODED.search(text):
        char = lambda m: chr(int(m["u"] or m["x"] or "20", 16)) if m["u"] or m["x"] or m["part"] else ""  # noqa: E731
        yield tokens(CODED.sub(char, text))


def digest(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def said(value, by="\n\n"):
    parts = [v["content"] if isinstance(v, dict) else v for v in value] if isinstance(value, list) else [value]
    return by.join(filter(None, parts))


def stands(words, start, grams):
    return start >= 0 and all(digest(" ".join(words[start + p : start + p + n])) == found for p, n, found in grams)


class Hashes:
    def __init__(self, path, said):
        self.said, fields = said, defaultdict(list)
        self.ids, self.copies, self.by_sha = defaultdict(set), defaultdict(set), defaultdict(set)
        for row in pq.read_table(path).to_pylist():
            who = row["benchmark"], row["entry"]
            if row["layer"] == "identity":
                self.ids[row["hash"]].add(who)
            elif row["layer"] == "copy":
                self.copies[row["hash"]].add(who)
                self.by_sha[row["digest"]].add(who)
            else:
                fields[(*who, row["part"])].append((row["place"], row["n"], row["hash"]))
        self.totals = Counter(who for owners in self.copies.values() for who in owners)
        self.fields, self.beside, self.grams = {}, defaultdict(list), defaultdict(list)
        for (benchmark, entry, part), grams in fields.items():
            length = max(place + n for place, n, _ in grams)
            if part.startswith("choice/") or (part == "answer" and length <= said["short_tokens"]):
                self.beside[benchmark, entry].append((part.partition("/")[0], grams))
            elif length >= said["ngram"]:
                self.fields[benchmark, entry, part] = (length, grams)
                for place, n, found in grams:
                    self.grams[n, found].append(((benchmark, entry, part), place))

    def in_words(self, words, of_pair, least="min_copy"):
        sizes, places = {self.said["ngram"], *(n for n, _ in self.grams)}, defaultdict(list)
        at = {n: [digest(" ".join(words[i : i + n])) for i in range(len(words) - n + 1)] for n in sizes}
        yield from self.by_copies(words, at[self.said["ngram"]], self.said[least], self.said[f"{least}_shared"])
        for i, n, found in ((i, n, found) for n, hashes in at.items() for i, found in enumerate(hashes)):
            for field, place in self.grams.get((n, found), ()):
                places[field].append((i, place))
        for field, where in places.items():
            yield from self.by_field(words, field, sorted(where), of_pair)

    def by_copies(self, words, at, least, shared):
        n, where = self.said["ngram"], defaultdict(list)
        few = [i for i in range(len(at)) if 2 * sum(len(word) == 1 for word in words[i : i + n]) <= n]
        tell = {at[i] for i in few if any(map(str.isalpha, "".join(words[i : i + n])))}
        for i, who in ((i, who) for i, found in enumerate(at) for who in self.copies.get(found, ())):
            where[who].append(i)
        for who, places in where.items():
            both = len({at[i] for i in places})
            if both >= shared and 1000 * both // min(max(1, len(tell) // n), self.totals[who]) >= least:
                yield (*who, "copy", "n-grams"), places

    def by_field(self, words, field, where, of_pair):
        said, (benchmark, entry, part), (length, grams) = self.said, field, self.fields[field]
        asks = of_pair and part == "question"
        if length > said["short_tokens"]:
            counts = [len({place for t, place in where if at <= t < at + 2 * length}) for at, _ in where]
            if 1000 * max(counts) // len(grams) >= said["min_field"] and max(counts) >= said["min_field_shared"]:
                yield (benchmark, entry, "text", part), [where[counts.index(max(counts))][0]]
            return
        starts = [t for t in sorted({t - place for t, place in where}) if stands(words, t, grams)]
        beside = self.beside[benchmark, entry]
        for start in starts:
            reach = len(words) if of_pair else said["companion_tokens"]
            about = range(max(0, start - reach), start + reach + 1)
            near = [name for name, others in beside if any(stands(words, t, others) for t in about)]
            rule = (
                "choices" if len(near) >= 2 and 4 * len(near) >= 3 * len(beside) else "choice" if asks and near else ""
            )
            if rule := "answer" if "answer" in near else rule:
                yield (benchmark, entry, "text", f"{part}+{rule}"), [start]
                return
        if starts and asks and length >= said["min_alone"] and 1000 * length >= said["min_alone_share"] * len(words):
            yield (benchmark, entry, "text", part), starts[:1]


def in_row(hashes, row, kind):
    ids = [row.get("id"), row.get("doc_id"), row.get("paper_id"), f"doc_id:{row.get('doc_id')}"]
    ids += [f"{key}:{row[key]}" for key in ("doi", "bibcode") if row.get(key)]
    yield from ((*who, "identity", "id") for name in filter(None, ids) for who in hashes.ids.get(digest(name), ()))
    yield from ((*who, "copy", "text_sha256") for who in hashes.by_sha.get(row.get("text_sha256"), ()))
    groups, evidence = [[row.get("title"), row.get("text")]], row.get("evidence")
    if kind == "pairs":
        question, *rest, turns, prompt, end = (row.get(name) for name in PAIR[:-1])
        groups = [turns or [], [*(prompt or []), *(end or [])], [question, *rest], [question, evidence, *rest]]
    texts = [(text, True) for group in groups[:3] for text in group if kind == "pairs"]
    beside = {name: said(row.get(name), " ") for name in BESIDE[kind].split()}
    texts += [*((group, kind == "pairs") for group in groups), ([*beside.values()], False)]
    texts += [(value, True) for name, value in beside.items() if name not in ("title", "attribution")]
    for text, of_pair, least in [*((*text, "min_copy") for text in texts), (evidence, True, "min_evidence")]:
        for words in readings(said([text] if isinstance(text, dict) else text)):
            yield from (found for found, _ in hashes.in_words(words, of_pair, least))


def across_rows(hashes, rows, kind, edge):
    for name in {*(PAIR if kind == "pairs" else ("title", "text")), *BESIDE[kind].split()}:
        runs = [[]]
        for number, text in enumerate(said(row.get(name)) for row in rows):
            runs[-1] += [(number, word) for word in tokens(text if len(text) <= 2 * edge else text[:edge])]
            runs += [[(number, word) for word in tokens(text[-edge:])]] if len(text) > 2 * edge else []
        for run in (run for run in runs if len({number for number, _ in run}) > 1):
            for found, places in hashes.in_words([word for _, word in run], False):
                yield rows[Counter(run[t][0] for t in places).most_common(1)[0][0]], found


def checked(path, sha256):
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"{path} has not the digest that is told of it")
    return path


def count(release, folder):
    audit = json.loads((folder / "audit.json").read_text())
    manifest = json.loads(checked(release / "manifest.json", audit["manifest_sha256"]).read_text())
    file = checked(folder / audit["hashes"]["file"], audit["hashes"]["sha256"])
    hashes, found, rows, told = Hashes(file, audit["parameters"]), defaultdict(set), Counter(), defaultdict(set)
    for shard in manifest["files"]:
        kind, before = shard.get("kind", "documents"), []
        with pq.ParquetFile(checked(release / shard["file"], shard["sha256"])) as open_file:
            for group in (open_file.read_row_group(i).to_pylist() for i in range(open_file.num_row_groups)):
                rows[kind] += len(group)
                matches = [(row, match) for row in group for match in in_row(hashes, row, kind)]
                matches += across_rows(hashes, [*before, *group], kind, hashes.said["edge_chars"])
                for row, (benchmark, _, layer, rule) in matches:
                    found[benchmark, layer, rule].add((shard["tier"], kind, row.get("pair_id", row.get("id"))))
                before = [*before, *group][-hashes.said["rows_before"] :]
    for find in audit["finds"]:
        if find["layer"] != "bibliographic" and not {find["entry"], find["rule"]} & {"rule araa", "spelled"}:
            told[find["benchmark"], find["layer"], find["rule"]].add((find["tier"], find["kind"], find["id"]))
    return found, told if dict(rows) == audit["rows"] else {("rows", str(dict(rows)), str(audit["rows"])): set()}


if __name__ == "__main__":
    mine, theirs = count(Path(sys.argv[1]), Path(sys.argv[-1]))
    for key in sorted(mine.keys() | theirs.keys()):
        print(*key, "found", len(mine[key]), "told", len(theirs[key]), "" if mine[key] == theirs[key] else "DIFFER")
    sys.exit(mine != theirs)
