"""Fail on what gcc 12 gets wrong in coroutines: temporaries that must live until the row is answered.

- a range-for over a braced list whose body suspends: the list may lie on the stack of the first resumption
- `co_await` inside a condition, an argument list or a larger expression: name what was awaited first
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUSPENDS = re.compile(r"\bco_(?:await|yield)\b")
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
OVER_BRACES = re.compile(r"\bfor\s*\([^;(){}]*[^:]:\s*\{")
CLOSES = {"(": ")", "{": "}"}


def blanked(text: str) -> str:
    """Without comments and strings, at the same places."""
    return COMMENT_OR_TEXT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def end_of(text: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`."""
    opens, closes, depth = text[at], CLOSES[text[at]], 0
    for i in range(at, len(text)):
        depth += (text[i] == opens) - (text[i] == closes)
        if depth == 0:
            return i + 1
    return len(text)


def end_of_statement(text: str, at: int) -> int:
    """Of the body of a loop: a block, or all up to a semicolon, with the blocks within."""
    while at < len(text):
        if text[at] == "(":
            at = end_of(text, at)
        elif text[at] == "{":
            return end_of(text, at)
        elif text[at] == ";":
            return at + 1
        else:
            at += 1
    return at


def traps(text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong and the remedy) of each."""
    code = blanked(text)
    for loop in OVER_BRACES.finditer(code):
        body = end_of(code, code.index("(", loop.start()))
        if SUSPENDS.search(code, body, end_of_statement(code, body)):
            yield (
                code.count("\n", 0, loop.start()) + 1,
                "expected a named array in a loop that suspends, got a braced list (gcc 12 frees it)",
            )
    for use in SUSPENDS.finditer(code):
        before = code[: use.start()].rstrip()
        bare = before.endswith((";", "{", "}", "else", "do", "co_return"))
        named = before.endswith("=") and not before.endswith(("==", "!=", "<=", ">="))
        if bare or named:
            continue
        yield (
            code.count("\n", 0, use.start()) + 1,
            f"expected {use[0]} as a statement or what a variable gets, got it in a condition or a "
            "larger expression (name its result first: gcc 12 drops temporaries)",
        )


def check(root: Path) -> list[str]:
    files = [
        path
        for folder in ("include", "src", "tests", "examples")
        for pattern in ("*.hpp", "*.cpp")
        for path in (root / folder).rglob(pattern)
    ]
    return [
        f"{path.relative_to(root)}:{line}: {what}"
        for path in sorted(files)
        if SUSPENDS.search(text := path.read_text())
        for line, what in traps(text)
    ]


def main() -> int:
    problems = check(ROOT)
    print("\n".join(problems) if problems else "coroutines: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
