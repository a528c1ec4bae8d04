"""Generate the tables of all pages of the documentation."""

from tests.support.docs_tables import ROOT, pages, refreshed


def main() -> None:
    """Write the pages whose tables have changed."""
    for page in pages():
        text = page.read_text("utf-8")
        if refreshed(text) != text:
            page.write_text(refreshed(text), "utf-8")
            print(f"Updated {page.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
