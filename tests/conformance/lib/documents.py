"""The commands of the documents: fenced blocks and code spans of Markdown, displays and .Ic of a manual page."""
import re

PROGRAMS = ("sandboxgen", "sam", "aws", "jq", "gh", "git", "make", "apt-get", "printf", "python3", "node", "npm", "pip", "bash", "sh", "man", "curl",
            "bootstrap", "pre-commit", "cargo", "docker", "sha256sum", "cfn-lint", "checkov", "export", "cd", "mkdir", "cp")
OWN = re.compile(r"(\./|\.ci/|tools/|tests/)[\w./-]+$")


def is_command(text):
    """A program with something behind it, or one of this repository's own; a program's bare name is only its name."""
    words = text.split()
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if not words:
        return False
    return words[0] in PROGRAMS and len(words) > 1 or words[0].startswith("./") and bool(OWN.match(words[0]))


def of_markdown(text):
    """(blocks, spans): the fenced blocks that hold a command, and the code spans that are one."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()).replace("\\|", "|") for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", rest)]
    return [block for block in blocks if any(is_command(line) for line in block.splitlines())], [span for span in spans if is_command(span)]


def of_manual(text):
    """The same of mdoc: displays, and what .Ic and .Dq name."""
    blocks = [block.replace("\\e", "\\") for block in re.findall(r"^\.Bd[^\n]*\n(.*?)^\.Ed$", text, re.MULTILINE | re.DOTALL)]
    spans = [" ".join(line.split()) for line in re.findall(r"^\.(?:Ic|Dq|Ql) (.*?)(?: [.,;:)])?$", text, re.MULTILINE)]
    return [block for block in blocks if any(is_command(line) for line in block.splitlines())], [span for span in spans if is_command(span)]
