# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who writes: logs in to WordPress and uploads a picture.

wordpress_client.py URL USER post TITLE      publishes a post that shows it; prints where both are, as JSON
wordpress_client.py URL USER pause TITLE     stops in the middle of the upload, says `half`, and goes on at the next line of its input

The password is the first line of the standard input.
"""

import http.cookiejar
import io
import json
import struct
import sys
import urllib.parse
import urllib.request
import zlib


class Writer:
    def __init__(self, url: str) -> None:
        self.url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(cookies)

    def get(self, path: str) -> str:
        return self.browser.open(self.url + path, timeout=60).read().decode()

    def log_in(self, user: str, password: str) -> None:
        # WordPress wants to see that the browser takes cookies.
        self.get("/wp-login.php")
        form = {"log": user, "pwd": password, "wp-submit": "Log In", "testcookie": "1"}
        page = self.browser.open(f"{self.url}/wp-login.php", urllib.parse.urlencode(form).encode(), timeout=60)
        if "/wp-admin" not in page.geturl():
            raise SystemExit(f"{user} was not let in: {page.geturl()}")
        self.nonce = self.get("/wp-admin/admin-ajax.php?action=rest-nonce")

    def send(self, route: str, data: "bytes | io.BytesIO", **headers: str) -> dict:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.url}/?rest_route={route}", data, {"X-WP-Nonce": self.nonce, **named})
        return json.load(self.browser.open(request, timeout=60))


def picture(size: int = 64) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x33\x66\x99" * size for _row in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Paused(io.BytesIO):
    """What is sent, of which the second half has to wait."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._half = len(data) // 2

    def read(self, size: "int | None" = -1) -> bytes:
        if self.tell() == self._half:
            print("half", flush=True)
            sys.stdin.readline()
            self._half = -1
        return super().read(self._half - self.tell() if self._half > 0 else size)


def main(url: str, user: str, work: str, title: str) -> None:
    writer = Writer(url.rstrip("/"))
    writer.log_in(user, sys.stdin.readline().strip())
    data = picture()
    shown = writer.send(
        "/wp/v2/media",
        Paused(data) if work == "pause" else data,
        Content_Type="image/png",
        Content_Length=str(len(data)),
        Content_Disposition=f'attachment; filename="{title}.png"',
    )
    if work == "pause":
        return
    text = f'<img src="{shown["source_url"]}">'
    post = json.dumps({"title": title, "content": text, "status": "publish"}).encode()
    published = writer.send("/wp/v2/posts", post, Content_Type="application/json")
    print(json.dumps({"post": published["link"], "picture": shown["source_url"]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
