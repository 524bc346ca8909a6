"""Pairs of questions as people write them: those that ask the same, and those that do not."""

from __future__ import annotations

SAME = [
    ("What is the main source of energy in active galactic nuclei?", "What is the primary energy source of AGN?"),
    (
        "How do supernovae enrich the interstellar medium with heavy elements?",
        "In what way do supernovae enrich the ISM with heavy elements?",
    ),
    (
        "Why is the corona of the Sun hotter than its surface?",
        "What makes the solar corona hotter than the surface of the Sun?",
    ),
    ("What is the typical mass of a neutron star?", "What mass does a neutron star typically have?"),
    (
        "What determines the width of spectral lines in stellar atmospheres?",
        "Which factors determine the width of spectral lines in stellar atmospheres?",
    ),
    (
        "How is the Hubble constant measured with Cepheid variables?",
        "How can Cepheid variables be used to measure the Hubble constant?",
    ),
    (
        "What evidence supports the existence of dark matter in galaxy clusters?",
        "What is the evidence for dark matter in clusters of galaxies?",
    ),
    (
        "What happens to a white dwarf when it exceeds the Chandrasekhar limit?",
        "What happens when a white dwarf exceeds the Chandrasekhar limit?",
    ),
    (
        "How does dust extinction affect the observed colours of galaxies?",
        "What effect does dust extinction have on observed galaxy colors?",
    ),
    (
        "Why do globular clusters contain few metal-rich stars?",
        "Why are there few metal rich stars in globular clusters?",
    ),
    (
        "What is the role of magnetic fields in star formation?",
        "How do magnetic fields influence the formation of stars?",
    ),
    (
        "Explain why Type Ia supernovae are used as standard candles.",
        "Why are Type Ia supernovae used as standard candles?",
    ),
    ("Which mechanism drives the expansion of H II regions?", "What drives the expansion of HII regions?"),
    ("How do tidal forces heat the interior of Io?", "By what means is the interior of Io heated by tidal forces?"),
    ("What is the difference between a pulsar and a magnetar?", "How does a pulsar differ from a magnetar?"),
    ("How long does the Sun spend on the main sequence?", "How long will the Sun stay on the main sequence?"),
    ("What sets the maximum mass of a neutron star?", "What determines the maximum mass that a neutron star can have?"),
    (
        "In the Lambda CDM model, what fraction of the energy density is dark energy?",
        "What fraction of the energy density is dark energy in the Lambda-CDM model?",
    ),
    ("How do stellar winds carry away angular momentum?", "How is angular momentum carried away by stellar winds?"),
    (
        "What are the two main products of the triple-alpha process?",
        "What are the two principal products of the triple alpha process?",
    ),
    (
        "At a redshift of 6, what is the neutral fraction of the intergalactic medium?",
        "What is the neutral fraction of the IGM at redshift 6?",
    ),
    (
        "What period does a planet at 1 AU from a star of 2 M_sun have?",
        "What is the period of a planet 1 AU from a 2 M_sun star?",
    ),
    (
        "How do astronomers detect exoplanets using the transit method?",
        "How does the transit method detect exoplanets?",
    ),
    ("Describe the process by which protoplanetary discs lose their gas.", "How do protoplanetary disks lose gas?"),
    ("What is the Tully-Fisher relation used for?", "For what is the Tully-Fisher relation used?"),
    (
        "How strong is the magnetic field in the solar photosphere?",
        "How strong are magnetic fields in the photosphere of the Sun?",
    ),
    (
        "Why do massive stars have shorter lifetimes than low-mass stars?",
        "Why are the lifetimes of massive stars shorter than those of low-mass stars?",
    ),
    (
        "What can the cosmic microwave background tell us about the early Universe?",
        "What does the CMB tell us about the early universe?",
    ),
    (
        "How does gravitational lensing magnify distant galaxies?",
        "How are distant galaxies magnified by gravitational lensing?",
    ),
    (
        "What is the expected lifetime of a 10 solar mass star?",
        "What lifetime is expected for a star of 10 solar masses?",
    ),
    (
        "What observational signature distinguishes type I from type II AGN?",
        "Which observational signatures distinguish type I AGN from type II AGN?",
    ),
    (
        "What role does feedback from supermassive black holes play in quenching star formation?",
        "How does feedback from supermassive black holes affect the quenching of star formation?",
    ),
    ("Why is the night sky dark?", "Why is the sky dark at night?"),
    (
        "How does the surface temperature of a star relate to its colour?",
        "What is the relation between a star's surface temperature and its color?",
    ),
    (
        "What is the Jeans mass of a cloud with a temperature of 10 K and a density of 1e4 cm^-3?",
        "For a cloud at 10 K with a density of 1e4 cm^-3, what is the Jeans mass?",
    ),
    (
        "Which spectral feature indicates the presence of lithium in young stars?",
        "What spectral feature indicates that lithium is present in young stars?",
    ),
    (
        "How is the rotation period of an asteroid determined from its light curve?",
        "How can one determine an asteroid's rotation period from its light curve?",
    ),
    ("Why must the survey exclude saturated stars?", "Why are saturated stars excluded from surveys?"),
    (
        "How do Population III stars differ from Population II stars?",
        "What distinguishes Population III stars from Population II stars?",
    ),
]
"""Told again, by hand, before anything was compared."""
OTHER = [
    ("What is the typical mass of a neutron star?", "What is the typical mass of a white dwarf?"),
    ("What is the typical mass of a neutron star?", "What is the typical radius of a neutron star?"),
    (
        "Why is the corona of the Sun hotter than its surface?",
        "Why is the photosphere of the Sun cooler than its corona?",
    ),
    (
        "How do supernovae enrich the interstellar medium with heavy elements?",
        "How do AGB stars enrich the interstellar medium with heavy elements?",
    ),
    (
        "What happens to a star of 8 solar masses at the end of its life?",
        "What happens to a star of 0.8 solar masses at the end of its life?",
    ),
    (
        "What is the evidence for dark matter in galaxy clusters?",
        "What is the evidence for dark energy in galaxy clusters?",
    ),
    ("How does a pulsar differ from a magnetar?", "How does a pulsar form?"),
    (
        "Which mechanism drives the expansion of H II regions?",
        "Which mechanism drives the expansion of supernova remnants?",
    ),
    ("What is the first step of the triple-alpha process?", "What is the second step of the triple-alpha process?"),
    ("Why do galaxies in clusters lose gas?", "Why do galaxies in clusters gain gas?"),
    ("What is the flux of the source at 1.4 GHz?", "What is the flux of the source at 5 GHz?"),
    ("What is the flux of the source in the X-ray band?", "What is the flux of the source in the radio band?"),
    ("What was the mass of the progenitor of SN 1987A?", "What was the mass of the progenitor of SN 1993J?"),
    (
        "How is the distance to the Large Magellanic Cloud measured?",
        "How is the distance to the Small Magellanic Cloud measured?",
    ),
    ("What limits the mass of a white dwarf?", "What limits the mass of a black hole?"),
    ("What is the period of Kepler-11 b?", "What is the period of Kepler-11 c?"),
    ("Do spiral arms trigger star formation?", "Does star formation trigger spiral arms?"),
    ("How does redshift depend on distance?", "How does redshift depend on velocity?"),
    ("What is the effect of metallicity on stellar winds?", "What is the effect of rotation on stellar winds?"),
    ("Why are elliptical galaxies red?", "Why are spiral galaxies blue?"),
    ("How long does the Sun spend on the main sequence?", "How long does the Sun spend on the red giant branch?"),
    ("What fraction of stars are binaries?", "What fraction of binaries are eclipsing?"),
    ("How many moons of Jupiter are known?", "How many moons of Saturn are known?"),
    ("What is the critical density of the Universe?", "What is the density of the Universe?"),
    (
        "What is the escape velocity from the surface of the Earth?",
        "What is the escape velocity from the surface of Mars?",
    ),
    ("Which elements form in the s-process?", "Which elements form in the r-process?"),
    ("Is the spin of the black hole prograde?", "Is the spin of the black hole retrograde?"),
    ("Is the mass of the halo not constant with radius?", "Is the mass of the halo constant with radius?"),
    ("How does a planet lose its atmosphere?", "How does a comet lose its atmosphere?"),
    ("What sets the minimum mass of a star?", "What sets the maximum mass of a star?"),
    ("Why is Uranus colder than Neptune?", "Why is Neptune colder than Uranus?"),
    (
        "What is the ratio of the luminosity to the mass of the cluster?",
        "What is the ratio of the mass to the luminosity of the cluster?",
    ),
    ("How do winds of massive stars affect their discs?", "How do the discs of massive stars affect their winds?"),
    ("What is the mass of the star in the binary?", "What is the mass of the planet in the binary?"),
    (
        "How do Population III stars differ from Population II stars?",
        "How do Population II stars differ from Population I stars?",
    ),
    ("What does the K band reveal of dusty galaxies?", "What does the J band reveal of dusty galaxies?"),
    ("Which line of O III is used to measure temperatures?", "Which line of O II is used to measure temperatures?"),
    ("What is the optical depth at 100 um?", "What is the optical depth at 100 nm?"),
    (
        "By what factor does the luminosity rise when the mass doubles?",
        "By what factor does the luminosity rise when the radius doubles?",
    ),
    ("Is the Sun older than the Earth?", "Is the Earth older than the Sun?"),
    ("How is a black hole formed from a star?", "How is a star formed from a cloud?"),
    ("What is the period of the binary before the eruption?", "What is the period of the binary after the eruption?"),
    ("When did the Milky Way form its thick disc?", "How did the Milky Way form its thick disc?"),
    ("What is the peculiar velocity of the Local Group?", "What is the peculiar velocity of the Virgo cluster?"),
    (
        "What is the Eddington limit of a 10 solar mass black hole?",
        "What is the Eddington limit of a 100 solar mass black hole?",
    ),
    (
        "How many stars does the sample hold with v sin i above 200 km/s?",
        "How many stars does the sample hold with v sin i below 200 km/s?",
    ),
    ("Why are quasars variable in the optical?", "Why are quasars variable in X-rays?"),
    ("What causes the aurora of Jupiter?", "What causes the aurora of the Earth?"),
    ("What is the value of x^2 + y^2?", "What is the value of x^2 - y^2?"),
    ("How large is the error of the parallax?", "How large is the parallax?"),
    ("What is the spectrum of the galaxy at z > 7?", "What is the spectrum of the galaxy at z < 7?"),
    ("How does the [O III] flux scale with the SFR?", "How does the H alpha flux scale with the SFR?"),
    (
        "What does a steep slope of alpha mean for the corona?",
        "What does a shallow slope of alpha mean for the corona?",
    ),
    ("How do cosmic rays heat gas in clouds?", "How does gas in clouds heat cosmic rays?"),
]
"""One thing is another: an object, a quantity, a number, an order, an opposite, a relation."""
