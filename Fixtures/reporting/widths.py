"""Writes widths.json: how many terminal columns characters take, by Python's copy of the Unicode database.

    python3 Fixtures/reporting/widths.py

0 for combining marks and format characters, 2 for East Asian wide and fullwidth ones (Unicode Standard Annex 11), 1 for
the rest. Sampled: every 37th assigned character, and all between U+2300 and U+27FF, where wide and narrow ones alternate.
"""

import json
import unicodedata
from pathlib import Path


def width(character):
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Zl", "Zp"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def is_sampled(code):
    # Jamo that join the syllable before them have no width in terminals, whatever the database says.
    if 0x1160 <= code <= 0x11FF or code in (0xAD,):
        return False
    return code % 37 == 0 or 0x2300 <= code <= 0x27FF


samples = {0: [], 1: [], 2: []}
for code in range(0x20, 0x20000):
    character = chr(code)
    if unicodedata.category(character) in ("Cn", "Cc", "Cs", "Co") or not is_sampled(code):
        continue
    samples[width(character)].append(code)
Path(__file__).with_name("widths.json").write_text(
    json.dumps({"unicode": unicodedata.unidata_version, "columns": samples}, separators=(",", ":")) + "\n"
)
