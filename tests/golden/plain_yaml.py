"""A reader of the YAML that `render` writes, and of nothing more: blocks of mappings and lists, scalars on one line, short
intrinsics.  It is written against the YAML specification, not against our emitter: what it does not know, it refuses.
"""
import re

PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9_./:*-]*$")
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b", "a": "\a", "b": "\b",
           "f": "\f", "v": "\v", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""}


def double_quoted(text):
    """A string of YAML with everything beyond ASCII as escapes."""
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else "\\U%08x" % ord(c) for c in text) + '"'


def quoted(text, at):
    """The string that starts at `at` with a quote, and where it ends."""
    quote, out, i = text[at], "", at + 1
    while True:
        c = text[i]
        if quote == "'" and text[i:i + 2] == "''":
            out, i = out + "'", i + 2
        elif c == quote:
            return out, i + 1
        elif quote == '"' and c == "\\":
            width = {"x": 2, "u": 4, "U": 8}.get(text[i + 1], 0)
            out += chr(int(text[i + 2:i + 2 + width], 16)) if width else ESCAPES[text[i + 1]]
            i += 2 + width
        else:
            out, i = out + c, i + 1


def scalar(text):
    if text.startswith("!"):
        tag, _, rest = text.partition(" ")
        return {tag: scalar(rest)}
    if text[:1] in ("'", '"'):
        value, end = quoted(text, 0)
        assert end == len(text), text
        return value
    if text.startswith("["):
        assert text.endswith("]"), text
        return [scalar(part.strip()) for part in text[1:-1].split(",")] if text != "[]" else []
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch("0|[1-9][0-9]*", text):
        return int(text)
    assert (PLAIN.match(text) or re.fullmatch(r"[A-Z][A-Za-z0-9 ,.;'-]*", text)) and text.lower() not in WORDS, text
    return text


def split_key(text):
    """("key", "rest") of a line "key: rest", or None."""
    if text[:1] in ("'", '"'):
        key, end = quoted(text, 0)
        return (key, text[end + 1:].strip()) if text[end:end + 1] == ":" else None
    match = re.match(r"([A-Za-z][A-Za-z0-9_./:-]*):( (.*))?$", text)
    return (match.group(1), match.group(3) or "") if match else None


def block(lines, indent):
    """The mapping or list whose lines are indented by `indent`; takes them from the front of `lines`."""
    is_list = lines[0][1].startswith("- ")
    out = [] if is_list else {}
    while lines and lines[0][0] == indent and lines[0][1].startswith("- ") == is_list:
        text = lines.pop(0)[1]
        if is_list:
            inner = text[2:]
            if split_key(inner) and not inner.startswith("!"):
                lines.insert(0, (indent + 2, inner))
                out.append(block(lines, indent + 2))
            else:
                out.append(scalar(inner))
            continue
        key, rest = split_key(text)
        assert key not in out, "duplicate key " + key
        out[key] = scalar(rest) if rest else block(lines, lines[0][0])
    return out


def load(text):
    lines = []
    for line in text.split("\n"):
        if line.strip() and not line.strip().startswith("#"):
            lines.append((len(line) - len(line.lstrip(" ")), line.lstrip(" ")))
    out = block(lines, 0)
    assert not lines, lines[0]
    return out
