"""The contract of anytls_decide, made from spec/transitions.tsv: every row is an ensures."""

import os

TABLE = "spec/transitions.tsv"
ROLES = ("server", "client")
STATES = ("new", "v1", "v2")
STREAMS = ("fresh", "past", "opening", "open")
COMMANDS = {
    "Waste": "ANYTLS_WASTE", "SYN": "ANYTLS_SYN", "PSH": "ANYTLS_PSH", "FIN": "ANYTLS_FIN",
    "Settings": "ANYTLS_SETTINGS", "Alert": "ANYTLS_ALERT",
    "UpdatePaddingScheme": "ANYTLS_UPDATE_PADDING_SCHEME", "SYNACK": "ANYTLS_SYNACK",
    "HeartRequest": "ANYTLS_HEART_REQUEST", "HeartResponse": "ANYTLS_HEART_RESPONSE",
    "ServerSettings": "ANYTLS_SERVER_SETTINGS",
}

REQUIRES = """    requires role == ANYTLS_SERVER || role == ANYTLS_CLIENT;
    requires state == ANYTLS_STATE_V1 || state == ANYTLS_STATE_V2 ||
        (state == ANYTLS_STATE_NEW && role == ANYTLS_SERVER);
    requires stream == ANYTLS_STREAM_FRESH || stream == ANYTLS_STREAM_PAST ||
        stream == ANYTLS_STREAM_OPENING || stream == ANYTLS_STREAM_OPEN;
    assigns \\nothing;
"""

# What a caller may rest on without going through the rows: proved, like them.
CONSEQUENCES = """    ensures opens: \\result.action == ANYTLS_OPEN_STREAM ==> role == ANYTLS_SERVER &&
        (stream == ANYTLS_STREAM_FRESH || stream == ANYTLS_STREAM_PAST);
    ensures accepts: \\result.action == ANYTLS_ACCEPT_STREAM ==>
        !data && stream == ANYTLS_STREAM_OPENING;
    ensures settings: \\result.action == ANYTLS_TAKE_SETTINGS ==> role == ANYTLS_SERVER;
    ensures first: \\result.action == ANYTLS_REFUSE_SESSION ==> role == ANYTLS_SERVER;
"""


def constant(prefix, text):
    return prefix + text.upper().replace("-", "_")


def alternatives(variable, cell, known, prefix):
    """A condition for a cell such as `v1|v2`; none for `*`."""
    if cell == "*":
        return []
    for value in cell.split("|"):
        if value not in known:
            raise ValueError(f"{TABLE}: unknown value {value}")
    return ["(" + " || ".join(f"{variable} == {constant(prefix, value)}"
                              for value in cell.split("|")) + ")"]


def command_condition(cell):
    if cell == "other":
        return ["command > ANYTLS_SERVER_SETTINGS"]  # the highest number
    return ["(" + " || ".join(f"command == {COMMANDS[name]}" for name in cell.split("|")) + ")"]


def condition(row):
    parts = alternatives("role", row["role"], ROLES, "ANYTLS_")
    parts += alternatives("state", row["state"], STATES, "ANYTLS_STATE_")
    parts += command_condition(row["command"])
    parts += alternatives("stream", row["stream"], STREAMS, "ANYTLS_STREAM_")
    if row["data"] != "*":
        parts.append({"some": "data", "empty": "!data"}[row["data"]])
    return " && ".join(parts)


def outcome(row):
    violation = "ANYTLS_OK" if row["violation"] == "-" else constant("ANYTLS_", row["violation"])
    return (f"\\result.action == {constant('ANYTLS_', row['action'])} && "
            f"\\result.violation == {violation} && "
            f"\\result.next == {constant('ANYTLS_NEXT_', row['next'])}")


def rows():
    with open(TABLE, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file
                 if line.strip() and not line.startswith("#")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def text():
    table = rows()
    lines = [f"    ensures row_{i}: {condition(row)} ==>\n        {outcome(row)};"
             for i, row in enumerate(table, 2)]
    every = " ||\n        ".join(f"({condition(row)})" for row in table)
    return ('#include "core/decide.h"\n\n'
            "/* Made from " + TABLE + ": a line of it each, and that no case is missing. */\n"
            "/*@\n" + REQUIRES + CONSEQUENCES + "\n".join(lines) + f"\n    ensures whole_table:\n        {every};\n*/\n"
            "struct anytls_decision anytls_decide(enum anytls_role role, enum anytls_state state,\n"
            "                                     uint8_t command, enum anytls_stream_state stream,"
            " bool data);\n")


def write(path):
    """Not where it is already: a proof may be reading it."""
    wanted = text()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            if file.read() == wanted:
                return path
    with open(path, "w", encoding="utf-8") as file:
        file.write(wanted)
    return path
