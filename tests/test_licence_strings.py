"""Only a value that is a known licence from its first to its last character is one; everything else stays closed."""

from __future__ import annotations

import pytest

from curation.identity import normalise_licence
from curation.release.licences import OPEN, is_redistributable

BY4, SA4, ZERO, MARK = "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CC-PDM-1.0"
ARXIV = "arXiv-nonexclusive-1.0"

KNOWN = {
    # arXiv: https://info.arxiv.org/help/license/
    "http://creativecommons.org/licenses/by/4.0/": BY4,
    "http://creativecommons.org/licenses/by-sa/4.0/": SA4,
    "http://creativecommons.org/licenses/by-nc-sa/4.0/": "CC-BY-NC-SA-4.0",
    "http://creativecommons.org/licenses/by-nc-nd/4.0/": "CC-BY-NC-ND-4.0",
    "http://creativecommons.org/licenses/by/3.0/": "CC-BY-3.0",
    "http://creativecommons.org/licenses/by-nc-sa/3.0/": "CC-BY-NC-SA-3.0",
    "http://creativecommons.org/publicdomain/zero/1.0/": ZERO,
    "http://creativecommons.org/licenses/publicdomain/": MARK,
    "http://arxiv.org/licenses/nonexclusive-distrib/1.0/": ARXIV,
    "https://arxiv.org/licenses/nonexclusive-distrib/1.0": ARXIV,
    "http://arxiv.org/licenses/assumed-1991-2003/": "arXiv-assumed-1991-2003",
    # Crossref and publishers
    "https://creativecommons.org/licenses/by/4.0": BY4,
    "https://www.creativecommons.org/licenses/by/4.0/": BY4,
    "http://creativecommons.org/licenses/by/4.0/legalcode": BY4,
    "https://creativecommons.org/licenses/by/4.0/legalcode.de": BY4,
    "https://creativecommons.org/licenses/by/4.0/deed.en": BY4,
    "https://creativecommons.org/licenses/by/4.0/deed.zh-hans": BY4,
    "https://creativecommons.org/licenses/by/4.0/deed.pt_BR": BY4,
    "https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1": BY4,
    "creativecommons.org/licenses/by/4.0": BY4,
    "HTTP://CREATIVECOMMONS.ORG/LICENSES/BY/4.0/": BY4,
    " http://creativecommons.org/licenses/by/4.0/\n": BY4,
    "http://creativecommons.org/licenses/by/3.0/us/": "CC-BY-3.0",
    "http://creativecommons.org/licenses/by/3.0/igo/": "CC-BY-3.0",
    "http://creativecommons.org/licenses/by/3.0/de/deed.en": "CC-BY-3.0",
    "http://creativecommons.org/licenses/by-nc-nd/3.0/us/legalcode": "CC-BY-NC-ND-3.0",
    "https://creativecommons.org/publicdomain/zero/1.0/legalcode": ZERO,
    "https://creativecommons.org/publicdomain/zero/1.0/deed.fr": ZERO,
    "https://creativecommons.org/publicdomain/mark/1.0/": MARK,
    "https://creativecommons.org/publicdomain/mark/1.0/deed.en": MARK,
    # the Hub, SPDX, people
    "cc-by-4.0": BY4,
    "cc-by-sa-4.0": SA4,
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nd-4.0": "CC-BY-ND-4.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "cc-by-nc-nd-4.0": "CC-BY-NC-ND-4.0",
    "cc-by-2.5": "CC-BY-2.5",
    "cc0-1.0": ZERO,
    "CC0": ZERO,
    "CC BY 4.0": BY4,
    "CC BY-SA 4.0": SA4,
    "CC-BY-4.0": BY4,
    "mit": "MIT",
    "apache-2.0": "Apache-2.0",
    "bsd-3-clause": "BSD-3-Clause",
    "gpl-3.0": "GPL-3.0",
    "MIT (LICENSE)": "MIT",
    "MIT (License.txt)": "MIT",
    "CC BY 4.0 (CC-BY-4.0)": BY4,
    "CC BY 4.0 (http://creativecommons.org/licenses/by/4.0/)": BY4,
}
UNKNOWN = """
http://creativecommons.org/publicdomain/zero/1.0/ NOT APPLICABLE, all rights reserved
http://creativecommons.org/publicdomain/zero/1.0/not-applicable
http://creativecommons.org/publicdomain/zero/1.0/../../../licenses/by-nc-nd/4.0/
http://creativecommons.org/publicdomain/zero/1.0/?applies=no
http://creativecommons.org/publicdomain/zero/1.0/#except-figures
http://creativecommons.org/publicdomain/zero/1.0/us/
http://creativecommons.org/publicdomain/zero/2.0/
http://creativecommons.org/publicdomain/zero/
http://creativecommons.org/publicdomain/
http://creativecommons.org/publicdomain/mark/1.0/ only the abstract
http://creativecommons.org/publicdomain/mark/1.0/no
http://creativecommons.org/licenses/publicdomain/no
http://creativecommons.org/licenses/by/4.0/but-not-for-ai-training
http://creativecommons.org/licenses/by/4.0/not-applicable
http://creativecommons.org/licenses/by/4.0/nc
http://creativecommons.org/licenses/by/4.0/expired/
http://creativecommons.org/licenses/by/4.0/legalcode/but/not/here
http://creativecommons.org/licenses/by/4.0/deed.not-for-training
http://creativecommons.org/licenses/by/4.0/deed.nc
http://creativecommons.org/licenses/by/4.0/legalcode.none
http://creativecommons.org/licenses/by/4.0/deed.en-nc
http://creativecommons.org/licenses/by/4.0/deed.en all rights reserved
http://creativecommons.org/licenses/by/4.0/us/
http://creativecommons.org/licenses/by/4.0/?not=granted
http://creativecommons.org/licenses/by/4.0/?ref=chooser-v1&not=granted
http://creativecommons.org/licenses/by/4.0/#no
http://creativecommons.org/licenses/by/4.0/ (abstract only)
http://creativecommons.org/licenses/by/4.0/, except figures 2 and 3
http://creativecommons.org/licenses/by/4.0/; http://creativecommons.org/licenses/by-nc/4.0/
http://creativecommons.org/licenses/by/4.0/ http://arxiv.org/licenses/nonexclusive-distrib/1.0/
http://creativecommons.org/licenses/by/4.0//
http://creativecommons.org//licenses/by/4.0/
http://creativecommons.org/licenses/by/4.0.1/
http://creativecommons.org/licenses/by/40/
http://creativecommons.org/licenses/by/5.0/
http://creativecommons.org/licenses/by/
http://creativecommons.org/licenses/by
http://creativecommons.org/licenses/
http://creativecommons.org/licenses/by/3.0/nc/
http://creativecommons.org/licenses/by/3.0/xx/
http://creativecommons.org/licenses/by/3.0/us/gov-only
http://creativecommons.org/licenses/by-everything/4.0/
http://creativecommons.org/licenses/by-sa-nc/4.0/
http://creativecommons.org/licenses/nc/1.0/
http://creativecommons.org/licenses/sampling+/1.0/
http://creativecommons.org.evil.example/licenses/by/4.0/
http://evil.example/creativecommons.org/licenses/by/4.0/
http://evil.example/?u=http://creativecommons.org/licenses/by/4.0/
http://notcreativecommons.org/licenses/by/4.0/
ftp://creativecommons.org/licenses/by/4.0/
not http://creativecommons.org/licenses/by/4.0/
"http://creativecommons.org/licenses/by/4.0/"
<http://creativecommons.org/licenses/by/4.0/>
CC-BY-4.0 (licence-expired)
CC-BY-4.0 (license-revoked)
CC-BY-4.0 (LICENSE-REVOKED)
CC-BY-4.0 (licence.void)
CC-BY-4.0 (licence)
CC-BY-4.0 (license not granted)
CC-BY-4.0 (LICENSE) expired
CC-BY-4.0 (LICENSE) (expired)
CC-BY-4.0 (no)
CC-BY-4.0 ()
CC-BY-4.0 (CC-BY-NC-4.0)
CC-BY-4.0 (CC BY 3.0)
CC-BY-4.0 (copying-forbidden)
(CC-BY-4.0)
(not) CC-BY-4.0
CC-BY-4.0 or later
CC-BY-4.0 with exceptions
CC-BY-4.0 AND CC-BY-NC-4.0
CC-BY-4.0 OR all rights reserved
CC-BY-4.0, CC-BY-NC-4.0
CC-BY-4.0; GPL
CC-BY-4.0/
CC-BY-4.0.
CC-BY-4.0*
CC-BY-4.0+
CC-BY-4.0-NC
CC-BY-4.0-noai
CC-BY-4.0 NC
CC-BY-4
CC-BY-40
CC-BY-9.9
CC-BY
CC BY
CC
CC-BY-SA
cc-by-nc
CC-BY-4.0 International
CC--BY-4.0
CC_BY_4.0
CC-BY\u20114.0
CC\u2013BY\u20134.0
\uff23\uff23-BY-4.0
CC-B\u0423-4.0
CC-BY-\u0664.0
CC\u200b-BY-4.0
CC-BY-4.0\u200b
CC0 (except data)
CC0-2.0
CC0-1.0-expired
CC0 1.0 does not apply
CC00
non-CC0
no CC0
not CC-BY-4.0
formerly CC-BY-4.0
public domain
publicdomain
open
open access
free
other
unknown
none
null
N/A
false
0
[]
['CC-BY-4.0']
["CC-BY-4.0"]
{"license": "CC-BY-4.0"}
all rights reserved
copyright the authors
(c) 2021 CC-BY-4.0 Publishing
MIT-0
MIT/
MIT License, but not for training
MIT (no)
MITx
Apache 2.0
Apache-2.0 WITH restriction
GPL
gpl-3.0 only for code
BSD
openrail
proprietary
http://arxiv.org/licenses/
http://arxiv.org/licenses/nonexclusive-distrib/2.0/
http://arxiv.org/licenses/nonexclusive-distrib/1.0/ CC-BY-4.0
http://www.springer.com/tdm
https://www.elsevier.com/tdm/userlicense/1.0/
http://iopscience.iop.org/info/page/text-and-data-mining
https://opensource.org/licenses/MIT
""".strip().splitlines()


@pytest.mark.parametrize(("text", "licence"), KNOWN.items())
def test_the_forms_that_are_really_written_are_known(text: str, licence: str) -> None:
    assert normalise_licence(text) == licence


@pytest.mark.parametrize("text", UNKNOWN)
def test_anything_more_or_less_is_unknown(text: str) -> None:
    assert normalise_licence(text) is None


@pytest.mark.parametrize("open_form", [t for t, licence in KNOWN.items() if licence in OPEN])
@pytest.mark.parametrize(
    "more", [" no", "none ", "/none", "\x00", "\nall rights reserved", "-nc", " nd", "?", "#", "x"]
)
def test_an_open_form_with_anything_more_is_never_open(open_form: str, more: str) -> None:
    assert normalise_licence(open_form + more) not in OPEN
    assert normalise_licence(more + open_form) not in OPEN


def test_a_word_that_is_no_normalised_one_may_not_be_passed_on() -> None:
    assert is_redistributable(BY4)
    for word in (*UNKNOWN, None, "", "cc-by-4.0", " CC-BY-4.0", "CC-BY-4.0 ", ARXIV):
        assert not is_redistributable(word), word
