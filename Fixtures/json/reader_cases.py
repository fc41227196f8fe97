"""Writes reader-cases.json: texts, most of them damaged JSON, and what Python's json module reads from them.

    python3 Fixtures/json/reader_cases.py

Each case is [BASE64, CANONICAL]; CANONICAL is null for a text that must be refused. Python's reader is made strict
where it is lax: no NaN and Infinity, no number beyond a double, no name twice, no half surrogate pair, at most 128
levels. The canonical form of a value: n, t, f, #NUMBER AS WRITTEN, "HEX OF UTF-8, [VALUE,...], {NAME:VALUE,...}.
"""

import base64
import json
import math
import pathlib
import random


class Number(str):
    pass


def number(text):
    if not math.isfinite(float(text)):
        raise ValueError("too large")
    return Number(text)


def pairs(items):
    names = [name for name, _ in items]
    if len(set(names)) != len(names):
        raise ValueError("a name twice")
    return dict(items)


def refuse(text):
    raise ValueError(text)


def canonical(value, depth=0):
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Number):
        return "#" + value
    if isinstance(value, str):
        return '"' + value.encode("utf-8").hex()  # a half pair can't be encoded
    if depth == 128:
        raise ValueError("too deep")
    if isinstance(value, list):
        return "[" + ",".join(canonical(element, depth + 1) for element in value) + "]"
    fields = (canonical(name) + ":" + canonical(field, depth + 1) for name, field in value.items())
    return "{" + ",".join(fields) + "}"


def expected(data):
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        value = json.loads(
            text, parse_int=number, parse_float=number, parse_constant=refuse, object_pairs_hook=pairs)
        return canonical(value)
    except ValueError:
        return None


SEEDS = [
    '{"a": [1, -2.50, 1e3, 0.1E-7], "b": {"c": null}}',
    '{"é": "\\u00e9\\ud83d\\ude00😀", "e\u0301": true}',
    '["\\"\\\\\\/\\b\\f\\n\\r\\t", "", "日本"]',
    ' \t\r\n[ true , false,null ,{ } , [ ] ]\n',
    '{"z": 1, "y": 2, "x": 3, "z2": 4, "": 5}',
    '[9007199254740993, 123456789012345678901234567890, -0, 1e308, -0.0]',
    '\ufeff{"mark": 1}', '"\\u0041\\uD834\\udd1e"', '-12.5e+2', '0', '[[[[[]]]]]', '{"a":{"a":{"a":{}}}}',
]
BY_HAND = [
    "", " ", "{", "[", '"', "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1e999", "-1e999", "1e-999",
    "9" * 400, "NaN", "Infinity", "nul", "nulll", "True", "'a'", "[1,]", "[,1]", "[1 2]", '{"a"}', '{"a":}', '{"a":1,}',
    "{a: 1}", '{"a":1 "b":2}', '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"b":{"a":1,"b":2,"a":3}}', "{1:2}", "[] []",
    "1 2", '"\t"', '"\x1f"', '"\\n\x1f"', '"\x7f"', '"\\x"', '"\\u12"', '"\\u12G4"', '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"',
    '"\\ud800x"', '"\\ud800\\n"', '"\\ude00\\ud83d"', '"\\u0000"', "\x00", "[1]\x00", "/**/1", "\u00a01", "\ufeff\ufeff1",
    "[" * 128 + "]" * 128, "[" * 129 + "]" * 129, '{"a":' * 128 + "1" + "}" * 128, '{"a":' * 129 + "1" + "}" * 129,
    json.dumps({f"n{i}": i for i in range(40)}),
    "{" + ",".join(f'"n{i}":0' for i in range(20)) + ',"n3":1}',
]
BYTES = [b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xc3"', b'"\xe2\x82"', b"\xff\xfe[\x00]\x00"]


def main():
    generator = random.Random(7)
    cases = [text.encode("utf-8") for text in SEEDS + BY_HAND] + BYTES
    frequent = b'{}[]",:\\ 0123456789.eE+-utfn\n\x00\x80\xc3\xff'
    while len(cases) < 1400:
        data = bytearray(generator.choice(SEEDS).encode("utf-8"))
        for _ in range(generator.choice([1, 1, 1, 2, 3])):
            place = generator.randrange(len(data)) if data else 0
            match generator.randrange(4):
                case 0:
                    data[place:place + 1] = b""
                case 1:
                    data[place:place] = bytes([generator.choice(frequent)])
                case 2:
                    data[place:place + 1] = bytes([generator.choice(frequent)])
                case 3:
                    end = generator.randrange(place, len(data) + 1)
                    data[place:place] = data[place:end]
        cases.append(bytes(data))
    rows = [[base64.b64encode(data).decode(), expected(data)] for data in dict.fromkeys(cases)]
    lines = ",\n".join(json.dumps(row) for row in rows)
    pathlib.Path(__file__).with_name("reader-cases.json").write_text(f"[\n{lines}\n]\n")
    print(len(rows), "cases,", sum(row[1] is not None for row in rows), "of them accepted")


main()
