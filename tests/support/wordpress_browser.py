# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person with a browser (headless Chromium, Debian's), who knows the site's name by the VIP's address. To be run in the lab's network.

wordpress_browser.py ADDRESS SHOTS publish URL USER TITLE PICTURE    logs in, publishes a post with a picture; prints where both are, as JSON
wordpress_browser.py ADDRESS SHOTS see POST NAME                     looks at a post; prints its title and the shown pictures, as JSON

SHOTS is a folder for screenshots. The password is the first line of the standard input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# The lab's hosts take their time.
PATIENCE = 120
OPTIONS = (
    "--headless=new",
    # Tests run as root, and see nothing but pages of the lab.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1280,1000",
)
SHOWN = (
    "return [...document.querySelectorAll('main img, article img')].filter(i => i.complete && i.naturalWidth > 0).map(i => i.src)"
)


class Person:
    def __init__(self, address: str, shots: str, url: str) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for option in (*OPTIONS, f"--host-resolver-rules=MAP {urlsplit(url).hostname} {address}"):
            options.add_argument(option)
        self.browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.browser.set_page_load_timeout(PATIENCE)
        self._shots = Path(shots)
        self._shots.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Person:
        return self

    def __exit__(self, kind: Any, *_error: object) -> None:
        if kind:
            self.keep("failure")
            (self._shots / "failure.html").write_text(self.browser.page_source, encoding="utf-8")
        self.browser.quit()

    def keep(self, name: str) -> None:
        """A screenshot."""
        self.browser.save_screenshot(str(self._shots / f"{name}.png"))

    def await_(self, condition: Callable[[], Any], what: str) -> Any:
        try:
            return WebDriverWait(self.browser, PATIENCE).until(lambda _browser: condition())
        except TimeoutException:
            raise SystemExit(f"waited in vain for {what} at {self.browser.current_url}") from None

    def find(self, *selectors: str) -> Any:
        """The first element that one of the selectors fits, awaited. Releases of WordPress differ in a few names."""
        return self.await_(lambda: self.found(", ".join(selectors)), " or ".join(selectors))

    def found(self, selector: str) -> Any:
        return next(iter(self.browser.find_elements(By.CSS_SELECTOR, selector)), None)

    def click(self, *selectors: str) -> None:
        """As a person would: what is seen, and can be used."""
        self.await_(lambda: self._usable(", ".join(selectors)), " or ".join(selectors)).click()

    def _usable(self, selector: str) -> Any:
        found = self.browser.find_elements(By.CSS_SELECTOR, selector)
        return next((one for one in found if one.is_enabled() and one.is_displayed()), None)


def publish(person: Person, url: str, user: str, title: str, picture: str) -> dict[str, Any]:
    browser = person.browser
    browser.get(url)
    person.keep("1-front")
    browser.get(f"{url.rstrip('/')}/wp-login.php")
    person.find("#user_login").send_keys(user)
    person.find("#user_pass").send_keys(sys.stdin.readline().strip())
    person.click("#wp-submit")
    person.find("#wpadminbar")
    person.keep("2-dashboard")
    browser.get(f"{url.rstrip('/')}/wp-admin/post-new.php")
    write(person, title, picture)
    person.keep("3-written")
    # The first asks whether one is sure.
    person.click(".editor-post-publish-panel__toggle", ".editor-post-publish-button__button")
    person.click(".editor-post-publish-panel .editor-post-publish-button")
    link = person.find(".post-publish-panel__postpublish-header a")
    person.keep("4-published")
    return see(person, link.get_attribute("href"), "5-post")


def write(person: Person, title: str, picture: str) -> None:
    """In the block editor: a title, and a block with a picture of one's own."""
    browser = person.browser
    person.find(".edit-post-header", ".editor-header")
    greeting = person.found(".components-modal__header button")
    if greeting:
        greeting.click()
    framed = person.found("iframe[name='editor-canvas']")
    if framed:
        browser.switch_to.frame(framed)
    person.find(".editor-post-title__input", ".wp-block-post-title").send_keys(title)
    browser.switch_to.default_content()
    person.click("button[class*='inserter-toggle']")
    person.click(".editor-block-list-item-image")
    if framed:
        browser.switch_to.frame(framed)
    person.find(".wp-block-image input[type='file']").send_keys(picture)
    # It shows the file at once, from the disk, and then what the site has made of it.
    person.await_(
        lambda: (
            person.found(".wp-block-image img[src*='/wp-content/uploads/']")
            and not person.found(".wp-block-image .components-spinner")
        ),
        "the uploaded picture",
    )
    browser.switch_to.default_content()


def see(person: Person, post: str, name: str) -> dict[str, Any]:
    person.browser.get(post)
    pictures = person.await_(lambda: person.browser.execute_script(SHOWN), "a picture")
    person.keep(name)
    return {"post": post, "title": person.find("h1").text, "pictures": pictures}


def main(address: str, shots: str, work: str, url: str, *words: str) -> None:
    with Person(address, shots, url) as person:
        done = {"publish": publish, "see": see}[work](person, url, *words)
    print(json.dumps(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
