"""The page that tells people what each role may do is the table's own."""

from infra.permissions_page import PAGE, permissions_page


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == permissions_page(), "run `make permissions`"
