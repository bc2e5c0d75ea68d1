# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A runner that answers from a script and notes what it was asked."""

from __future__ import annotations

import json

from ansible_collections.lvs.cluster.plugins.module_utils.host.commands import Done


class FakeRunner:
    """`answers` are outputs, or whole results, by command line; a command that is not among them succeeds in silence."""

    def __init__(self, answers=None):
        self.answers = dict(answers or {})
        self.asked = []
        self.texts = []

    def __call__(self, argv, text=None):
        line = " ".join(argv)
        self.asked.append(line)
        self.texts.append(text)
        answer = self.answers.get(line, "")
        if isinstance(answer, Done):
            return answer
        return Done(0, answer if isinstance(answer, str) else json.dumps(answer), "")
