"""Spellings of the Annual Review of Astronomy and Astrophysics, and of what is not it: made up for the tests."""

NAMES = """\
Nature & Annual Review of Astronomy and Astrophysics 12
ARA&A 50, 455
ARA+A 50 455
ARA+A
ARA{\\&}A, 38, 143
ARA$\\&$A, 38, 143
ARA \\& A 38 143
\\araa, 38, 143
\\araa
{\\araa}
{\\it ARA\\&A}, 38, 143
\\emph{Annu.\\ Rev.\\ Astron.\\ Astrophys.} {\\bf 38}, 143
Annu.~Rev.~Astron.~Astrophys. 38
Ann.Rev.Astron.Astrophys.
AnnRevAstronAstrophys 41
Annu Rev Astron Astr 2000
Annu. Rev. Astro. Astrophys.
Ann. Rev. Astr. & Ap. 12
Ann. Rev. Ast. Ap. 12
Ann. Rev. Astr. and Astrophys.
Ann Rev Astron & Astrophys
A. Rev. Astr. Astrophys. 14, 173
A. R. Astron. Astrophys., 14, 173
A.R.A.A. 14, 173
A.R.A. & A. 14
a.r.a.&a.
A R A A 51
ARAA, 51
ARAA 2013
2013 ARAA
2013, ARAA, 51, 511
Vol. 51 of ARAA
ARA A 51, 511
ARA  A 51 511
ARA-A 51
ARA_A, 51
ARA and A 51
ARA&Ap 51
Annual Reviews of Astronomy and Astrophysics
Annual Reviews in Astronomy and Astrophysics
The Annual Review of Astronomy & Astrophysics
Annual Review of Astronomy and Astrophyics
Anual Review of Astronomy and Astrophysics
Annual Rewiew of Astronomy and Astrophysics
Annual Review Of Astronony And Astrophysics
Annual Review, Astronomy and Astrophysics
Annual Review - Astronomy & Astrophysics
Annual Review of Astronomy / Astrophysics
Annual Review of Astronomy Astrophysics
Annual Review of Astronomy und Astrophysics
Annual Review of Astro- nomy and Astro- physics
Annual Review of Astron-omy and Astrophys-ics
annual review of astronomy and astro physics
Annual Review Astron. Astrophys.
Ann. Rev. A&A 22, 471
Ann. Rev. A. & A. 22
AnnRevA&A 22
Annu. Rev. A & A
Ann. Rev. AA 22
Annu—Rev—Astron—Astrophys
Annu–Rev. Astron.–Astrophys. 22
Ann.Rev.Astron.Astrophys.58:257-306,2020
Annual Review of Astronomy &amp; Astrophysics
Annual Review of Astronomy &#38; Astrophysics
ARA&#x26;A 51
ARA\\u0026A 51
ARA%26A 51
ARA&amp;amp;A 51
ARA＆A 51
ＡＲＡＡ 51
ANNUAL REVIEW OF ASTRONOMY AND ASTROPHYSICS. VOLUME 19. (A82-11551 02-90)
In: Annual review of astronomy and astrophysics. Volume 19
Annual Rev Astron Astrophys
Annl. Rev. Astron. Astrophys.
An. Rev. Astron. Astrophys. 3
Ann. Revs. Astron. Astrophys. 3
Annu. Rev. Astron. & Astroph.
<i>Annu. Rev. Astron. Astrophys.</i> <b>51</b>
Ann. Rev. of Astr. and Ap.
Annu. Rev. Astron. Astrophys
Annual Review of Astronomy, Astrophysics
ARA&A..51..511
araa.51..511
Annu.Rev.Astron.& Astrophys., 51
Annals Rev. Astron. Astrophys.
Annual Reviews Astronomy and Astrophysics Vol 8
Annual Reviews: Astronomy and Astrophysics
Ann. Rev. Astronomy and Astrophysics
Ann. Review Astron. Astrophys.
Ann. Rev. Astron. 50, 455
ARA\\&amp;A 50
ARAA (1984) 22
ARAA Vol. 22
ARAA, vol. 22
araa22
araa{22}
ARA&A22
Ann.Rev.A.A.22:471
A.Rev.A&A 22
Annu. Rev. Astronom. Astrophys. 22
A R A and A 47
Annual Review of Astrophysics
ARA'A 47
ARA|A 47
ARA und A 47
ARA et A 47
ARA y A 47
AR&AA 47
ARAA, v47
ARAA #47
ARAA Bd. 47
ARAA; 47: 481
ARAA, 47(1), 481
ARA\u00b7A 47
ARA\u2010A 47
ARA\u2212A 47
\u0410R\u0410&\u0410 47
Annual+Review+of+Astronomy+and+Astrophysics
Annual%20Review%20of%20Astronomy%20and%20Astrophysics
Annual_Review_of_Astronomy_and_Astrophysics
AnnualReviewofAstronomyandAstrophysics
Annua1 Review of Astronomy and Astrophysics
Annual Review 0f Astronomy and Astrophysics
Annual Review of Astr0nomy and Astr0physics
Annu. Rev. Astron. Astropphys.
Annu. Rev. Aston. Astrophys.
Annual Revlew of Astronomy and Astrphysics
Annual Review of Astrophysics and Astronomy
Annual review of astronomy and astrophysics 47 (1), 481-522
Annu. Rev. Astron. Astrophys. 2009;47:481-522
$\\mathrm{ARA\\&A}$ 47
""".splitlines()
"""The journal, by its name."""
OTHERS = """\
A&ARv 20, 54
A&A Rev. 20
A&A Review
A\\&AR 20
\\aapr 20
Astron. Astrophys. Rev. 22 (2014) 75
Astronomy and Astrophysics Review, Volume 8
The Astronomy & Astrophysics Review 21:59
Astron Astrophys Rev 2013
A&AR
AARv 8
AAR 8, 1
AnAp 22, 1
Ann. Astrophys. 24, 369
Annales d'Astrophysique 24
Ann. d'Astrophys. 24
Ann. Ap. 24
Annals of Astrophysics
Annales Astronomiques
Annu. Rev. Earth Planet. Sci. 38, 493
Annual Review of Nuclear and Particle Science 60
Ann. Rev. Nucl. Part. Sci.
Annual Review of Fluid Mechanics 35
Annual Review of Condensed Matter Physics 1
Annual Review of Anthropology 3
Annu. Rev. Anal. Chem. 3
Annu. Rev. Anim. Biosci. 3
Annu. Rev. Astrobiol. 1
Annual Review of Astrobiology
Annual Review of Physical Chemistry
ARPC 3
Annu Rev Biochem
Annual Review of Statistics and Its Application
Annual Review of Control, Robotics, and Autonomous Systems
Annual Review of Materials Research
AREPS 40, 467
ARNPS 61
AnRFM 34
Annual Review of Cold Atoms and Molecules
Annual Review of Astronautics
Annual Review of Aeronautics and Astronautics
Annual Report of the Astronomical Society
Annual Report of Astronomy and Astrophysics
Ann. Rep. Astron. Astrophys.
Annual Reports on Astronomy
RAA 15, 1095
R.A.A. 15, 1095
R.A.A.
Research in Astronomy and Astrophysics 15
Res. Astron. Astrophys. 10, 737
Chin. J. Astron. Astrophys. 5
ChJAA 6, 635
Astron. Astrophys. 500, A1
A&A 500, A1
A&AS 100
Astronomy and Astrophysics 500
Astronomy & Astrophysics Supplement
New Astronomy Reviews 51
NewAR 51
Living Reviews in Relativity
Living Rev. Sol. Phys.
Reviews of Modern Physics
Space Sci. Rev. 20
SSRv 20
Revista Mexicana de Astronomia y Astrofisica 40
RMxAA 40
Bull. Astron. Soc. India
araa
ARAA
araa.
Ara A.
ARA A
ara
ARA 50, 1
ARAB 50, 1
Kara A. et al., Nature
Kara & A 50
Par A&A 51
para A&A 51
A. R. A. Abbott, Nature 1
Smith, A. R. A&A 500, 100
Smith A. R., A&A 50, 100
Smith, A. R. Astron. Astrophys. 50, 100
Smith A., Rev. Astron. Astrophys. 3
A review of astronomy and astrophysics
An annual conference on astronomy and astrophysics
Annual Meeting Review of Astronomy
review of astronomy and astrophysics 2010
A.&A. R. 20
A.R. 51
AR 51
AR 12192
ARA&ARv 51
J. Astrophys. Astron. 5
Astrophys. Space Sci. Rev.
Reviews in Modern Astronomy
Rev. Astron. Astrophys. 5
Acta Astron. 5
Astron. Rep. 50
Astronomy Reports 50
Annual Review in Automatic Programming 5
Annual Reviews in Control 5
Annual Reviews
Annual Review of Astronomy Education
Annual Review of Earth and Astronomical Sciences
Annu. Rev. Genet.
Ann. Rev. Astr. Soc.
Asian J. Astron. Astrophys
Advances in Astronomy and Astrophysics 5
Annual Rev. Astropart. Phys.
Astropart. Phys. 5
ASAA 5
AraC 5
International Journal of Astronomy and Astrophysics
ARAA 500, 12
Annals of Physics 5
Ann. Phys. 5
Annalen der Physik
Publ. Astron. Soc. Pac.
Ann. Tokyo Astron. Obs. 5
Annual Review of Computational Physics
AAPPS
Annu. Rev. Mar. Sci.
annual review and assessment
A. Ra & A. Kumar
Ara, A. & Ara, B. 2009
Arata A. 2009
Barbara A 47
Clara & A. 47
NARAA 47
ARAAS 47
ARAA, 600, A12
par. A&A 47
Lara, A. R., A&A 47
A.R.A. Haile, 2009
RevMexAA 47
Reviews of A&A 12
Annual Review of Astrochemistry 3
Annual Review of Astroparticle Physics and Astronautics
Annual Conference Review, Astrophysics
Astronomy Annual Review 2009
Astronomy and Astrophysics Decadal Review 2010
A Review of Astronomy and Astrophysics Facilities
Annual Reports of Astron. & Astrophys. Inst.
""".splitlines()
"""Other journals, people and words; and the bare initials without a number or a year."""
DOIS = """\
10.1146/annurev.aa.31.090193.002433
10.1146/annurev.astro.36.1.369
10.1146/ANNUREV.ASTRO.46.060407.145243
10.1146/annurev-astro-081811-125615
doi:10.1146/annurev-astro-081811-125615
10.1146/annurev–astro–081811–125615
10.1146/annurev--astro--081811--125615
10.1146/annurev-astro- 081811-125615
10.1146/annurev-astro-081811-
10.1146/annurevastro081811125615
10.1146/annurev-astro
10.1146/annurev_astro_081811_125615
10.1146%2Fannurev-astro-081811-125615
10.1146%252Fannurev-astro-081811-125615
https://www.annualreviews.org/doi/pdf/10.1146/annurev-astro-081811-125615
https://arjournals.annualreviews.org/doi/full/10.1146/annurev.aa.31.090193.002433
annurev-astro-081811-125615
annurev.aa.31.090193.002433.pdf
10.1146/annurev\\-astro\\-081811\\-125615
10.1146/annurev−astro−081811−125615
{10.1146/annurev.astro.34.1.111}
10. 1146/annurev-astro-081811-125615
info:doi/10.1146/annurev-astro-081811-125615
10.1146/annurev.aa.08.090170.000511
10.1146/annurev.astr0.43.072103.150600
10.1146&#x2F;annurev.astro.39.1.99
10.1146\u2215annurev-astro-032620-021933
\\href{https://doi.org/10.1146/annurev-astro-032620-021933}{x}
""".splitlines()
"""DOIs of all eras, hurt on the way."""
BIBCODES = """\
2012ARA&A..50..455K
2012ARA\\&A..50..455K
2012ARA{\\&}A..50..455K
2012ARA$\\&$A..50
2012ARA+A..50..455K
2012ARA%26A..50..455K
2012ARA%2526A..50..455K
2012ARA&amp;A..50..455K
2012ARA&#38;A..50..455K
2012ARA&#x26;A..50
2012ARA\\u0026A..50..455K
2012ARAA..50..455K
2012ARA_A..50..455K
2012ARA26A..50..455K
2012ara&a..50..455k
2012ARA&A…50..455K
http://adsabs.harvard.edu/cgi-bin/nph-bib_query?bibcode=2002ARA%26A..40..171H&amp;db_key=AST
https://ui.adsabs.harvard.edu/\\#abs/1985ARA&A..23..267L
2012ARA\\%26A..50..455K
2012ARA&A. .50. .455K
2012ARA\\textampersand A..50
2012ARA.A..50..455K
2009ARAandA..47..481A
2009ARA&A__47__481A
2009ARA%26amp%3BA..47..481A
""".splitlines()
"""Bibcodes, escaped or hurt."""
