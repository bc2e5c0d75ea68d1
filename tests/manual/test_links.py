# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every link within the manual leads somewhere. Sphinx looks at those that people wrote; these are also the ones that tools made."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def broken(path, page, pages):
    for link in sorted(page.links):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.exists() or (parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors):
            yield link


def test_links_lead_somewhere(pages):
    # "#" alone is the top of a page.
    found = {str(path): [link for link in broken(path, page, pages) if link != "#"] for path, page in pages.items()}
    assert {path: links for path, links in found.items() if links} == {}


def test_the_site_begins_with_the_manual(pages):
    [start] = [page for path, page in pages.items() if path.parent.name == "site" and path.name == "index.html"]
    assert "docs/index.html" in start.links
