#!/usr/bin/env python3
"""Helps `docs/pictures/make`: a terminal's text as a web page, and a smaller file for a screenshot.

    draw.py terminal TEXT COMMAND LINES    the first lines of a text with escape codes, as HTML on standard output
    draw.py shrink FROM TO                 a PNG with a palette of at most 256 colours instead of full colour
"""

import html
import re
import struct
import sys
import zlib
from collections import Counter

# The sixteen colours of a terminal, on light and on dark.
LIGHT = "1f2328 b42318 1a7f37 8a6100 0a58ca 8250df 0b7285 57606a 6e7781 cf222e 2da44e 9a6700 218bff a475f9 3192aa 24292f"
DARK = "8b949e ff7b72 56d364 e3b341 79c0ff d2a8ff 76e3ea c9d1d9 8b949e ffa198 7ee787 f2cc60 a5d6ff e2c5ff b3f0ff f0f6fc"

STYLE = """
html { color-scheme: light dark; background: #ffffff; color: #1f2328; }
body { margin: 0; padding: 18px 22px; }
pre { margin: 0; font: 14px/19px "DejaVu Sans Mono", "Liberation Mono", monospace; }
b { font-weight: 700; }
.dim { opacity: 0.62; }
.prompt { opacity: 0.5; }
LIGHT
@media (prefers-color-scheme: dark) { html { background: #0d1117; color: #d6dde4; } DARK }
"""


def colours(names):
    return " ".join(f".c{number} {{ color: #{name}; }}" for number, name in enumerate(names.split()))


def xterm(number):
    """A colour of the palette of 256 beyond the first sixteen."""
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return (grey, grey, grey)
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return (steps[number // 36], steps[number // 6 % 6], steps[number % 6])


def mark(state):
    """The opening tag for what a terminal's state looks like."""
    classes = [name for name in ("dim",) if state.get(name)]
    rules = ["font-weight:700"] if state.get("bold") else []
    rules += ["font-style:italic"] if state.get("italic") else []
    rules += ["text-decoration:underline"] if state.get("underline") else []
    colour = state.get("colour")
    if isinstance(colour, int):
        classes.append(f"c{colour}")
    elif colour:
        rules.append("color:rgb({},{},{})".format(*colour))
    return f'<span class="{" ".join(classes)}" style="{";".join(rules)}">'


def changed(state, codes):
    """The state after the codes of one escape sequence."""
    state, codes = dict(state), [int(code or 0) for code in codes.split(";")]
    switches = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
    while codes:
        code = codes.pop(0)
        if code == 0:
            state = {}
        elif code in switches:
            state[switches[code]] = True
        elif code == 22:
            state.update(bold=False, dim=False)
        elif code in (23, 24):
            state[switches[code - 20]] = False
        elif 30 <= code <= 37 or 90 <= code <= 97:
            state["colour"] = code - 30 if code < 90 else code - 82
        elif code == 39:
            state["colour"] = None
        elif code == 38 and codes[:1] == [5]:
            number = codes[1]
            state["colour"] = number if number < 16 else xterm(number)
            codes = codes[2:]
        elif code == 38 and codes[:1] == [2]:
            state["colour"], codes = tuple(codes[1:4]), codes[4:]
        else:
            sys.exit(f"draw.py: escape code {code} is not known here")
    return state


def terminal(text, command, lines):
    rows = text.split("\n")
    shown, state = [], {}
    for part in re.split(r"(\x1b\[[0-9;]*m)", "\n".join(rows[:lines])):
        if part.startswith("\x1b["):
            state = changed(state, part[2:-1])
        elif part:
            shown.append(f"{mark(state)}{html.escape(part)}</span>")
    style = STYLE.replace("LIGHT", colours(LIGHT)).replace("DARK", colours(DARK))
    rest = '\n<span class="dim">…</span>' if len(rows) > lines else ""
    print(f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(command)}</title>')
    print(f"<style>{style}</style>")
    print(f'<pre><span class="prompt">$ </span><b>{html.escape(command)}</b>\n{"".join(shown)}{rest}</pre></html>')


def pixels(path):
    """Width, height and the rows of a PNG as (red, green, blue); transparency is not looked at."""
    data = open(path, "rb").read()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, form, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if depth != 8 or form not in (2, 6) or interlaced:
                sys.exit("draw.py: only plain PNGs in full colour are understood")
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    size, raw = (3 if form == 2 else 4), zlib.decompress(packed)
    stride, before, rows = width * size, bytearray(width * size), []
    for row in range(height):
        start = row * (stride + 1)
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for index in range(stride if kind else 0):
            left = line[index - size] if index >= size else 0
            above, corner = before[index], (before[index - size] if index >= size else 0)
            if kind == 1:
                add = left
            elif kind == 2:
                add = above
            elif kind == 3:
                add = (left + above) // 2
            else:
                guess = left + above - corner
                near = [abs(guess - left), abs(guess - above), abs(guess - corner)]
                add = (left, above, corner)[near.index(min(near))]
            line[index] = (line[index] + add) & 255
        rows.append([tuple(line[index : index + 3]) for index in range(0, stride, size)])
        before = line
    return width, height, rows


def shrink(source, target):
    width, height, rows = pixels(source)
    counts = Counter(colour for row in rows for colour in row)
    # The commonest colours stay; every other one becomes the nearest of them.
    palette = [colour for colour, _ in counts.most_common(256)]
    place = {colour: number for number, colour in enumerate(palette)}
    for colour in counts:
        if colour not in place:
            far = lambda other: sum((a - b) ** 2 for a, b in zip(colour, palette[other]))
            place[colour] = min(range(len(palette)), key=far)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    raw = b"".join(b"\0" + bytes(place[colour] for colour in row) for row in rows)
    with open(target, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)))
        file.write(chunk(b"PLTE", bytes(part for colour in palette for part in colour)))
        file.write(chunk(b"IDAT", zlib.compress(raw, 9)))
        file.write(chunk(b"IEND", b""))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["terminal", text, command, lines]:
            terminal(open(text, encoding="utf-8").read(), command, int(lines))
        case ["shrink", source, target]:
            shrink(source, target)
        case _:
            sys.exit(__doc__)
