# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""As much of C++ as is needed to find functions and measure them."""
import re

TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
# "S::S() : a_" before a brace: the brace initialises a member, the body is still to come.
MEMBER_INIT = re.compile(r"\)[^()]*?(?<!:):(?!:).*[\w>]\s*$", re.S)
NAME = re.compile(r"([~\w:]+|operator\s*\S+)\s*\(")


def blank(text):
    """The text without comments and literals, line for line."""
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", text)  # 1'000 is no literal.
    return TOKENS.sub(lambda match: "\n" * match[0].count("\n"), text)


def functions(text):
    """(name, first line, number of lines) of each function body outside of another one."""
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m[0].count("\n"), blank(text),
                  flags=re.M)
    found, scopes, statement = [], [], ""
    line = statement_line = 1
    for character in text:
        if character == "{":
            kind = kind_of(statement, scopes)
            name = NAME.search(statement)
            scopes.append((kind, name[1] if name else "?", statement_line, statement))
            statement = ""
        elif character == "}":
            kind, name, start, before = scopes.pop() if scopes else ("scope", "?", line, "")
            if kind == "function":
                found.append((name, start, line - start + 1))
            statement = ""
            if kind == "init":
                statement, statement_line = before + "}", start
        elif character == ";":
            statement = ""
        else:
            if not statement and not character.isspace():
                statement_line = line
            statement += "" if not statement and character.isspace() else character
        line += character == "\n"
    return found


def kind_of(statement, scopes):
    """What a brace after this statement opens."""
    head = statement.split("(", 1)[0]
    if MEMBER_INIT.search(statement):
        return "init"
    if ("(" not in statement or NOT_A_FUNCTION.search(head) or statement.rstrip().endswith("=")
            or any(kind == "function" for kind, *_ in scopes)):
        return "scope"
    return "function"
