"""Questions to eight passages in words of their own, as a strong model asks them, and the sentences that answer each."""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """A paper's title, the sentences of a passage of it, and (question, numbers of the sentences that answer it) each."""

    title: str
    sentences: tuple[str, ...]
    questions: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def passage(self) -> str:
        return " ".join(self.sentences)


ASKED = (
    Asked(
        "Metallicity and crowding in the Cepheid distance scale",
        (
            "Cepheids pulsate because helium in their envelopes is ionised a second time at about 40 000 K.",
            "While the layer is compressed its opacity rises and it holds back radiation; when it expands the opacity falls and the heat escapes.",
            "The luminosity at maximum grows with the period, so that a period of ten days stands for an absolute magnitude near -4.",
            "Metals shift the zero point of this relation by about 0.2 mag per dex, and crowding by red giants biases distances beyond 20 Mpc.",
        ),
        (
            ("Why does the partial ionization of helium drive the pulsation of Cepheid variables?", (0, 1)),
            (
                "How does the opacity of the ionisation layer change over a pulsation cycle, and what follows for the radiation?",
                (1,),
            ),
            ("What absolute magnitude corresponds to a pulsation period of ten days?", (2,)),
            ("Which two effects limit distances measured from Cepheids to far galaxies?", (3,)),
            ("By how much does the zero point of the period-luminosity relation depend on metallicity?", (3,)),
        ),
    ),
    Asked(
        "Rings as traps of pebbles in protoplanetary discs",
        (
            "Grains in a protoplanetary disc drift inward because the gas, which is held up by its own pressure, turns a little slower than Kepler's law asks.",
            "The headwind takes angular momentum from pebbles of centimetre size within a few hundred years at 50 au.",
            "Rings of high pressure stop the drift: there the gas turns as fast as the grains, and pebbles gather until they collapse under their own gravity.",
            "Images at 1.3 mm show such rings in two thirds of the large discs.",
        ),
        (
            ("What causes pebbles to spiral toward the star in a protoplanetary disk?", (0, 1)),
            ("How can pressure maxima prevent radial drift and promote the formation of planetesimals?", (2,)),
            ("On what timescale do centimetre-sized solids lose their angular momentum at 50 au?", (1,)),
            ("Why does disc gas orbit at a sub-Keplerian speed?", (0,)),
            ("How would one test observationally whether dust traps are common in large discs?", (3,)),
        ),
    ),
    Asked(
        "Time-delay cosmography with quasars",
        (
            "A galaxy in front of a quasar bends its light into several images, and when the quasar brightens each image follows after a time of its own.",
            "The delay is set by the geometry of the paths and by the depth of the potential through which they pass, so it scales with the inverse of the Hubble constant.",
            "Mass along the line of sight that no one has modelled changes the result by up to 5 per cent; a sheet of it leaves positions and flux ratios as they are and cannot be told from them.",
        ),
        (
            ("How do time delays between lensed quasar images constrain the expansion rate of the universe?", (1,)),
            ("What is the mass-sheet degeneracy and why do image positions not break it?", (2,)),
            ("Explain why the images of a lensed quasar vary at different times.", (0, 1)),
            (
                "How large is the error on the Hubble constant caused by unmodelled structures along the line of sight?",
                (2,),
            ),
            ("Which two contributions determine the delay of a lensed image?", (1,)),
        ),
    ),
    Asked(
        "Origins of the slow solar wind",
        (
            "The solar wind leaves the corona through open field lines.",
            "Its fast component, at 700 km/s, comes from coronal holes near the poles, the slow one from the edges of streamers, where loops reconnect with open flux and set free plasma rich in elements of low first ionisation potential.",
            "Where fast wind runs into slow wind, a region of compression turns with the Sun and meets the Earth every 27 days, which is why weak geomagnetic storms recur.",
        ),
        (
            ("Where does the fast solar wind originate?", (1,)),
            ("Why is the slow wind enriched in low-FIP elements?", (1,)),
            ("What explains the 27-day recurrence of moderate geomagnetic activity?", (2,)),
            ("Compare the sources and speeds of the fast and the slow solar wind.", (1,)),
            ("How does interchange reconnection at streamer boundaries release plasma into the heliosphere?", (1,)),
        ),
    ),
    Asked(
        "Nickel masses of type Ia supernovae",
        (
            "A white dwarf that accretes from its companion ignites carbon when its mass nears 1.4 solar masses, or earlier, when a shell of helium detonates on its surface and drives a shock to its core.",
            "The explosion makes about 0.6 solar masses of nickel-56, whose decay powers the light curve; the more nickel, the slower the decline, as a hotter ejecta is more opaque.",
            "After correction for the decline the peaks scatter by 0.12 mag.",
        ),
        (
            ("What powers the light curves of Type Ia supernovae?", (1,)),
            ("Why do brighter thermonuclear supernovae fade more slowly?", (1,)),
            ("Describe the double-detonation scenario for a sub-Chandrasekhar white dwarf.", (0,)),
            ("What is the residual scatter of peak magnitudes once the decline rate is corrected for?", (2,)),
            ("How much radioactive nickel is synthesised in a typical explosion?", (1,)),
        ),
    ),
    Asked(
        "Baryons and the acoustic peaks",
        (
            "Before recombination photons and baryons were one fluid, and sound waves ran through it at 0.58 of the speed of light.",
            "When electrons were bound the waves stood still, and the distance that they had covered, 147 Mpc today, is printed on the sky as a peak at one degree.",
            "Odd peaks are compressions, and baryons raise them above even ones; photons that diffuse out of small fluctuations damp the peaks beyond the multipole 1000.",
        ),
        (
            ("What sets the angular scale of the first acoustic peak in the cosmic microwave background?", (1,)),
            ("How does the baryon density affect the relative heights of odd and even peaks?", (2,)),
            ("Why are temperature fluctuations suppressed at multipoles above 1000?", (2,)),
            ("At what fraction of the speed of light did sound travel in the photon-baryon plasma?", (0,)),
            ("What is the comoving sound horizon at recombination?", (1,)),
        ),
    ),
    Asked(
        "Hazes or spots? Transmission spectra of hot Jupiters",
        (
            "When a planet passes before its star, light that grazes its limb is filtered by the air there.",
            "Sodium and water take out more at their own wavelengths, so that the planet seems larger in them by some scale heights, for a hot Jupiter about 0.01 per cent of the starlight each.",
            "Hazes hide the lower layers and flatten the spectrum; spots on the star that the planet does not cross make a slope toward the blue which looks like haze.",
        ),
        (
            ("How does transmission spectroscopy reveal the composition of an exoplanet's atmosphere?", (0, 1)),
            ("Why do aerosols mute the spectral features of transiting planets?", (2,)),
            ("How can unocculted starspots mimic the signature of haze?", (2,)),
            ("What is the size of the signal of one atmospheric scale height for a hot Jupiter?", (1,)),
            ("Which absorbers make a transiting planet look larger at certain wavelengths?", (1,)),
        ),
    ),
    Asked(
        "Black hole masses from reverberation mapping",
        (
            "Lines of the inner gas around a black hole answer a flare of the continuum after the time that light needs to reach it.",
            "In Seyfert nuclei the answer of H beta comes after 5 to 50 days and the lag grows with the square root of the luminosity.",
            "With the width of the line as a speed, radius times speed squared over G gives the mass, but for a factor that depends on how the gas lies and moves; it is set by galaxies whose stars give the mass as well, and is known to 0.3 dex.",
        ),
        (
            ("How does reverberation mapping yield the mass of a supermassive black hole?", (2,)),
            ("What is the dependence of the broad-line region's size on luminosity?", (1,)),
            ("Why must the virial factor be calibrated with stellar dynamics?", (2,)),
            ("How long does the H-beta line lag behind the continuum in Seyfert galaxies?", (1,)),
            ("What is the dominant uncertainty of reverberation masses?", (2,)),
        ),
    ),
)
