"""Who or what an unmatched name probably is."""

import pytest

from bot.names import Taxon, User
from bot.suggestions import Name, display_name, fitting_taxon, fitting_user

ELENA = User(1, "Elena Rodriguez", "elena@example.org")
EDUARDO = User(2, "Eduardo Rodriguez", "eduardo@example.org")
AMELIE = User(3, "Amélie Laurent", "amelie@example.org")
TWIN = User(4, "Amelie Laurent", "other@example.org")


@pytest.mark.parametrize(
    ("name", "displayed"),
    [
        ("part (annelida)", "part<annelida"),
        ("part(annelida)", "part<annelida"),
        ("part < annelida", "part<annelida"),
        ("egg<other", "egg<other"),
        ("cyclopoida", "cyclopoida"),
        ("  cyclopoida ", "cyclopoida"),
        ("part (a (b))", "part (a (b))"),
        ("(annelida)", "(annelida)"),
        ("", ""),
    ],
)
def test_a_name_is_spelt_as_ecotaxa_displays_taxa(name: str, displayed: str) -> None:
    assert display_name(name) == displayed


@pytest.mark.parametrize(
    ("taxa", "found"),
    [
        ([Taxon(5, "part<Annelida", "A")], 5),
        ([Taxon(5, "part<Annelida", "A"), Taxon(6, "part<Annelida fragment", "A")], 5),
        ([Taxon(5, "part<Annelida", "A"), Taxon(6, "Part<annelida", "A")], None),
        ([Taxon(5, "part<Annelida", "N")], None),
        ([Taxon(5, "part<Annelida", "D")], None),
        ([Taxon(5, "part<Annelida", "A", renamed_to=9)], None),
        ([Taxon(5, "part", "A")], None),
        ([], None),
    ],
)
def test_only_the_one_approved_exact_match_is_suggested(taxa: list[Taxon], found: int | None) -> None:
    taxon = fitting_taxon("part<annelida", taxa)

    assert (taxon.id if taxon else None) == found


@pytest.mark.parametrize(
    ("name", "email", "users", "found", "why"),
    [
        ("e. rodriguez", "ELENA@example.org", [EDUARDO, ELENA], 1, "same e-mail"),
        ("e. rodriguez", "nobody@example.org", [EDUARDO, ELENA], None, ""),
        ("e. rodriguez", "", [ELENA], 1, "the name fits"),
        ("elena rodriguez", "", [EDUARDO, ELENA], 1, "same name"),
        ("amelie laurent", "", [AMELIE], 3, "same name"),
        ("amelie laurent", "", [AMELIE, TWIN], None, ""),
        ("amelie laurent", "other@example.org", [AMELIE, TWIN], 4, "same e-mail"),
        ("rodriguez", "", [ELENA], None, ""),
        ("x. rodriguez", "", [ELENA], None, ""),
        ("e. m. rodriguez", "", [ELENA], None, ""),
        ("...", "", [ELENA], None, ""),
        ("e. rodriguez", "", [], None, ""),
    ],
)
def test_only_the_one_user_who_fits_is_suggested(
    name: str, email: str, users: list[User], found: int | None, why: str
) -> None:
    suggestion = fitting_user(Name("user", name, email), users)

    assert (suggestion.pick.id if suggestion else None) == found
    assert (suggestion.why if suggestion else "") == why
