"""A stranger's verifier of an audit, written after data_cards/AUDIT.md alone: pyarrow, hashlib and Python's own, nothing of ours.

python verifier.py RELEASE [AUDIT_FOLDER]
"""

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
COMPARED = ("identity", "copy", "text")
NOT_REPEATED = ("rule araa", "spelled")


def tokens(text):
    out, after_letter = [], False
    for match in SCAN.finditer(text or ""):
        kind = match.lastgroup
        if kind == "part" or (kind == "join" and not after_letter):
            out.append(" ")
        elif kind in ("other", "named"):
            c = match["letter"] or match["other"] or chr(int(match["ten"] or 0) or int(match["hex"] or "0", 16))
            folded = c if c.isascii() else unicodedata.normalize("NFKD", c).translate(LATIN).casefold()
            out += [c if c.isalnum() else " " for c in folded if seen(c)]
        after_letter = kind == "other" and match[0].isascii() and match[0].isalpha()
    return HUMP.sub(lambda joined: WORDS.sub(" ", joined[0]), "".join(out)).casefold().split()


def seen(c):
    is_part = unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf", "Co", "Cn", "Cc") or c in "\t\n\v\f\r\x85"
    return is_part and c not in "\u115f\u1160\u2800"


def digest(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def tells(gram):
    return 2 * sum(len(t) == 1 for t in gram) <= len(gram) and any(c.isalpha() for t in gram for c in t)


class Hashes:
    def __init__(self, path, said):
        self.said = said
        self.ids, self.copies, self.by_sha = defaultdict(set), defaultdict(set), defaultdict(set)
        fields = defaultdict(list)
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
        self.sizes = {n for n, _ in self.grams}


def ngrams(words, n):
    return [digest(" ".join(words[i : i + n])) for i in range(len(words) - n + 1)]


def by_copies(hashes, words, least, shared):
    n = hashes.said["ngram"]
    at = ngrams(words, n)
    fits = max(1, len({found for i, found in enumerate(at) if tells(words[i : i + n])}) // n)
    for who, both in Counter(w for found in set(at) for w in hashes.copies.get(found, ())).items():
        if both >= shared and 1000 * both // min(fits, hashes.totals[who]) >= least:
            yield (*who, "copy", "n-grams")


def stands(words, start, grams):
    return start >= 0 and all(
        start + place + n <= len(words) and digest(" ".join(words[start + place : start + place + n])) == found
        for place, n, found in grams
    )


def together(places, width):
    return max(len({place for other, place in places if at <= other < at + width}) for at, _ in places)


def by_fields(hashes, words, of_pair):
    said, places = hashes.said, defaultdict(list)
    for n in hashes.sizes:
        for at, found in enumerate(ngrams(words, n)):
            for field, place in hashes.grams.get((n, found), ()):
                places[field].append((at, place))
    for (benchmark, entry, part), where in places.items():
        length, grams = hashes.fields[benchmark, entry, part]
        both = together(where, 2 * length)
        if length <= said["short_tokens"]:
            of_question = of_pair and part == "question"
            alone = length >= said["min_alone"] and 1000 * length >= said["min_alone_share"] * len(words)
            near = answered(hashes, words, where, grams, (benchmark, entry), of_pair, of_question)
            if near or (near is not None and of_question and alone):
                yield benchmark, entry, "text", f"{part}+{near}" if near else part
        elif 1000 * both // len(grams) >= said["min_field"] and both >= said["min_field_shared"]:
            yield benchmark, entry, "text", part


def answered(hashes, words, where, grams, who, of_pair, of_question):
    reach, beside = len(words) if of_pair else hashes.said["companion_tokens"], hashes.beside[who]
    stood = None
    for start in sorted({at - place for at, place in where}):
        if stands(words, start, grams):
            stood, about = "", range(max(0, start - reach), start + reach + 1)
            near = [part for part, others in beside if any(stands(words, at, others) for at in about)]
            if "answer" in near:
                return "answer"
            if len(near) >= 2 and 4 * len(near) >= 3 * len(beside):
                return "choices"
            if near and of_question:
                return "choice"
    return stood


def in_row(hashes, row, kind):
    said = hashes.said
    ids = [row.get("id"), row.get("doc_id"), row.get("paper_id"), f"doc_id:{row.get('doc_id')}"]
    ids += [f"{key}:{row[key]}" for key in ("doi", "bibcode") if row.get(key)]
    for name in filter(None, ids):
        for who in hashes.ids.get(digest(name), ()):
            yield (*who, "identity", "id")
    for who in hashes.by_sha.get(row.get("text_sha256"), ()):
        yield (*who, "copy", "text_sha256")
    texts, least = [], (said["min_copy"], said["min_copy_shared"])
    groups = [[row.get("title"), row.get("text")]]
    if kind == "pairs":
        groups = [[m["content"] for m in row.get("messages") or ()]]
        groups.append([row.get("question"), row.get("reasoning"), row.get("answer")])
        groups.append([row.get("question"), row.get("evidence"), row.get("reasoning"), row.get("answer")])
        texts.append((row.get("evidence"), (said["min_evidence"], said["min_evidence_shared"])))
        texts += [(text, least) for group in groups[:2] for text in group]
    texts += [("\n\n".join(filter(None, group)), least) for group in groups]
    for text, limits in texts:
        words = tokens(text)
        yield from by_copies(hashes, words, *limits)
        yield from by_fields(hashes, words, kind == "pairs")


def count(release, folder):
    """Rows found, by benchmark, layer and rule; and those that audit.json tells, of the rules that hashes can repeat."""
    body = (release / "manifest.json").read_bytes()
    audit = json.loads((folder / "audit.json").read_text())
    file = folder / audit["hashes"]["file"]
    if hashlib.sha256(body).hexdigest() != audit["manifest_sha256"]:
        raise SystemExit("audit.json names another manifest.json")
    if hashlib.sha256(file.read_bytes()).hexdigest() != audit["hashes"]["sha256"]:
        raise SystemExit(f"{file} is not the file that audit.json names")
    hashes, found, rows = Hashes(file, audit["parameters"]), defaultdict(set), Counter()
    for shard in json.loads(body)["files"]:
        path, kind = release / shard["file"], shard.get("kind", "documents")
        if hashlib.sha256(path.read_bytes()).hexdigest() != shard["sha256"]:
            raise SystemExit(f"{path} is not the file that manifest.json names")
        for row in pq.read_table(path).to_pylist():
            rows[kind] += 1
            name = row["pair_id"] if kind == "pairs" else row["id"]
            for benchmark, _, layer, rule in in_row(hashes, row, kind):
                found[benchmark, layer, rule].add((shard["tier"], kind, name))
    told = defaultdict(set)
    for find in audit["finds"]:
        if find["layer"] in COMPARED and not {find["entry"], find["rule"]} & set(NOT_REPEATED):
            told[find["benchmark"], find["layer"], find["rule"]].add((find["tier"], find["kind"], find["id"]))
    if dict(rows) != audit["rows"]:
        raise SystemExit(f"audit.json counts other rows: {audit['rows']}, there are {dict(rows)}")
    return found, told


if __name__ == "__main__":
    mine, theirs = count(Path(sys.argv[1]), Path(sys.argv[-1]))
    for key in sorted(mine.keys() | theirs.keys()):
        print(*key, "found", len(mine[key]), "told", len(theirs[key]), "" if mine[key] == theirs[key] else "DIFFER")
    sys.exit(mine != theirs)
