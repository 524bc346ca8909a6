"""Words by which a text is told from cipher and from what OCR misread: of English, of the field, of other languages of papers.

A list of our own: no dictionary, but what stands on every page. Words of three letters and more count; of pages of prose about half
are here, of a cipher, of a page read upside down, of letters strewn at random hardly any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

MIN_WORDS = 25
"""Below it a page says nothing of its words: a title, a figure's caption."""
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")

_ENGLISH = """
the and that for with are this from which was were not have has had but can our they these than also been its between where when
their more all other such both may will one two three four five six seven eight nine ten then only some each most into over under
using used use uses here there while since thus however therefore because through about after before during within without
same first second third last next very much many few less least any every those them what who how does did done make made makes
given gives give show shows shown found find finds see seen well would could should must might per above below due via you your
she his her him out off per let set sets way now new old high low higher lower large larger small smaller long short
if between against among along across around away back behind beyond down further near nearly toward towards until upon
still yet already often always never again almost even just rather quite either neither nor another others itself themselves
being become becomes take taken takes taking come comes came get got know known think need needs want keep kept left right
year years day days time times hour hours month months week date age today number numbers part parts point points case cases
example section sections figure figures table tables equation equations appendix paper papers work works study studies
result results method methods model models data analysis value values effect effects error errors rate rates order level levels
form forms type types kind term terms state states system systems field fields energy force power work heat light line lines
area areas size sizes range ranges region regions center centre side end ends start begin begins change changes
different similar various several respectively important possible general common typical total mean average standard normal
present previous current recent future main major minor single double full complete free open close closed real true good better
best strong weak simple complex direct indirect positive negative equal constant linear function functions parameter parameters
relation ratio fraction distribution probability density mass masses radius temperature pressure velocity speed distance length
width height depth angle direction position surface volume weight phase frequency frequencies period cycle signal noise sample
samples test tests measure measured measurement measurements observed observations observation observational estimate estimated
estimates calculate calculated compare compared comparison consistent assume assumed assuming consider considered considering
describe described discuss discussed obtain obtained obtains derive derived define defined determine determined provide provided
provides require required include included includes including contain contains follow following follows based according depends
depend dependent increase increases increasing decrease decreases decreasing reduce reduced produce produced propose proposed
suggest suggests indicate indicates expect expected predict predicted report reported present presented represent
allow allows apply applied approach performed perform developed develop development process processes structure structures
problem problems solution solutions theory theoretical experiment experimental experiments evidence limit limits limited
abstract introduction discussion conclusion conclusions summary references acknowledgements acknowledgments university
department institute national international research science sciences journal society press review letters physics physical
program project group team support supported grant grants foundation council information available access online download
copyright rights reserved published received accepted submitted version page pages volume issue chapter book author authors
people world country countries government public water life human social health school student students word words text
name names list document file files software code computer user users service page image images color print
like look back because good people into year your some could them than then now only over also work first well even want give
most very after thing things man men woman house place home hand head eye face world night city water air land name
"""

_FIELD = """
star stars stellar galaxy galaxies galactic cluster clusters solar planet planets planetary exoplanet disc disk discs disks halo
halos haloes dark matter cosmic cosmology cosmological universe redshift luminosity luminosities magnitude magnitudes flux fluxes
spectrum spectra spectral spectroscopy spectroscopic photometry photometric telescope telescopes survey surveys source sources
emission absorption radiation radio infrared optical ultraviolet wavelength wavelengths band bands filter filters pixel
black hole holes neutron pulsar pulsars supernova supernovae gamma ray rays burst bursts jet jets accretion merger mergers
dust gas molecular hydrogen helium metal metallicity metallicities abundance abundances formation evolution evolved giant dwarf
dwarfs binary binaries orbit orbital orbits rotation rotational magnetic gravitational gravity waves wave lens lensing
simulation simulations resolution calibration catalogue catalog archive mission spacecraft satellite detector detection
detections detected candidates candidate population populations core cores shell envelope atmosphere atmospheres astronomy
astronomical astrophysics astrophysical astrophys observatory space sky earth moon lunar mars sun ionized turbulence plasma
quasar quasars nucleus nuclei active interstellar intergalactic extinction variability variable variables light curve curves
transit transits uncertainty uncertainties likelihood posterior prior priors bayesian fit fits fitted fitting best chi
scale scales scaling power law slope background foreground intensity polarization inner outer nearby distant young bright
"""

_OTHERS = """
les des est que dans pour une par sur avec sont qui pas plus cette aux ces nous mais comme etre être fait dont leur entre deux ont
sans tous tout sous elle ils peut très ainsi donc aussi
der die und den von das mit ist des dem nicht ein eine auf sich auch als für werden aus wird sind bei einer durch nach einem oder
einen über wie zur zum dass nur noch haben kann wenn sie wir ich unter zwischen diese dieser
los las del que por con para una como más pero sus este esta son entre cuando muy sin sobre ser hay desde todo también fue han dos
che non per con una sono della del delle dei nel alla dal dalla gli più come anche questo questa nella sul tra essere stato due
que não com uma para por dos das como mais mas foi são pelo pela entre também ser está tem seu sua quando muito nos até
het een van dat niet zijn voor met aan ook door bij naar maar uit wordt deze worden nog kan heeft werd over tot
och att det som för med den till inte har kan ett från var eller han vid efter genom
eller ikke til med det som har fra kan ble ved være blir også etter
jest nie się przez dla jako tym lub oraz które jego tak był może
jsou byl jako nebo pro podle který která které ale tak při být
nem egy hogy ezt vagy meg csak mint volt van ezek így után
olla joka mutta että niin kuin ovat tai sen kun myös sekä
bir ile için olarak daha olan gibi çok ancak sonra kadar
yang dan untuk dengan dari pada ini itu adalah dalam tidak akan oleh
lorem ipsum dolor sit amet elit sed est quod cum nec vel quam eget atque enim qui quae sunt esse
este sunt care pentru din mai prin sau fost
"""

KNOWN = frozenset(f"{_ENGLISH} {_FIELD} {_OTHERS}".split())


def words_of(text: str) -> list[str]:
    """Words of three letters and more, in lower case."""
    return [word.lower() for word in _LETTERS.findall(text)]


def rate_of(words: Iterable[str], more: Set[str] = frozenset()) -> float | None:
    """Share of words that are known, 0 to 1; None below MIN_WORDS, and where most are written in another alphabet.

    Args:
        words: as `words_of` gives them.
        more: words known beside the list.
    """
    latin = known = other = 0
    for word in words:
        if _LATIN.match(word) is None:
            other += 1
            continue
        latin += 1
        known += word in KNOWN or word in more
    if latin < MIN_WORDS or other > latin:
        return None
    return known / latin


def rate(text: str, more: Set[str] = frozenset()) -> float:
    """`rate_of` a text; 0 where it says nothing."""
    return rate_of(words_of(text), more) or 0.0
