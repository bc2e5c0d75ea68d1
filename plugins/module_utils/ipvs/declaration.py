# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declared table in a JSON file, for tasks and for whatever applies it at boot."""

from __future__ import annotations

import json
from typing import Any

from .errors import DeclarationError

OPTIONS = {"services", "scope"}


def load_declaration(path: str) -> dict[str, Any]:
    """The object in the file; its services and its scope are yet to be looked at."""
    try:
        with open(path, encoding="utf-8") as file:
            declared = json.load(file)
    except OSError as error:
        raise DeclarationError(path, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DeclarationError(path, f"is not JSON: {error}") from error
    if not isinstance(declared, dict) or not isinstance(declared.get("services"), list):
        raise DeclarationError(path, 'has to hold an object with a list of services: {"services": [...]}, and may have a scope')
    unknown = sorted(declared.keys() - OPTIONS)
    if unknown:
        raise DeclarationError(path, "has unknown keys: {}; there may be services and scope".format(", ".join(unknown)))
    return declared
