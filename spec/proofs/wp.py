"""Runs Frama-C/WP on one file and reads what it says. Nothing here decides what has to be proved."""

import os
import re
import shutil
import subprocess
import time

TOOLS = ("frama-c", "why3", "z3", "cvc4", "cvc5")
PROVERS = ("Qed", "Z3", "CVC4", "CVC4 (ind)", "CVC5")
PROVER_OPTION = "z3,cvc5,cvc4,cvc4-ind"
# In these files z3 proves next to nothing, and would be waited for at every goal.
CVC4_FIRST = ("endpoint.c", "endpoint_destination.c", "session.c", "session_send.c",
              "session_time.c")
# In this file the model follows casts of pointers: a text of char is read as bytes, and no memory is
# written by one type and read by another.
CASTS = ("put.c",)
GLOBALS = ("Lemma", "Axiom", "Axiomatic", "Global")  # how a property of no function begins
# A warning of any other kind fails the run.
HARMLESS = (
    # About clauses that WP does not use.
    "No 'assigns \\result \\from ...' specification",
    "No \\from specification for assigned pointer",
    # That the caller's memory is not that of constants: the compiler sees to it.
    "Memory model hypotheses",
)

# Why3 knows CVC5 only from a later version on, and has no entry that lets CVC4 prove by induction.
WHY3_CONFIG = """[main]
datadir = "{share}"
libdir = "{lib}"
magic = 14
memlimit = 2000
running_provers_max = 2
timelimit = 10

[partial_prover]
name = "Z3"
path = "{z3}"
version = "{z3_version}"

[partial_prover]
name = "CVC4"
path = "{cvc4}"
version = "{cvc4_version}"

[prover]
name = "CVC4"
version = "{cvc4_version}"
alternative = "ind"
command = "{cvc4} --quant-ind --stats --tlimit=%t000 --lang=smt2 %f"
driver = "cvc4_17"
editor = ""
in_place = false
interactive = false
shortcut = "cvc4-ind"

[prover]
name = "CVC5"
version = "{cvc5_version}"
command = "{cvc5} --stats --tlimit=%t000 --lang=smt2 %f"
driver = "{build}/cvc5.drv"
editor = ""
in_place = false
interactive = false
shortcut = "cvc5"
"""


def missing_tools():
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def versions():
    """The version of each tool, a short text."""
    return {
        "frama-c": output_of("frama-c", "-version").split()[0],
        "why3": output_of("why3", "--version").split()[-1],
        "z3": re.search(r"version (\S+)", output_of("z3", "--version")).group(1),
        "cvc4": re.search(r"CVC4 version (\S+)", output_of("cvc4", "--version")).group(1),
        "cvc5": re.search(r"cvc5 version (\S+)", output_of("cvc5", "--version")).group(1),
    }


def configure(build):
    """Writes the configuration of Why3 into the build folder; HOME is never looked at."""
    build = os.path.abspath(build)
    os.makedirs(build, exist_ok=True)
    share = output_of("why3", "--print-datadir").strip()
    found = versions()
    drivers = os.path.join(share, "drivers")
    with open(os.path.join(drivers, "cvc4_17.drv"), encoding="utf-8") as file:
        driver = file.read()
    driver = driver.replace("ALL_SUPPORTED", "ALL")
    driver = re.sub(r'import "([^/"]+)"', rf'import "{drivers}/\1"', driver)
    with open(os.path.join(build, "cvc5.drv"), "w", encoding="utf-8") as file:
        file.write(driver)
    with open(os.path.join(build, "why3.conf"), "w", encoding="utf-8") as file:
        file.write(WHY3_CONFIG.format(
            share=share, lib=output_of("why3", "--print-libdir").strip(), build=build,
            z3=shutil.which("z3"), cvc4=shutil.which("cvc4"), cvc5=shutil.which("cvc5"),
            z3_version=found["z3"], cvc4_version=found["cvc4"], cvc5_version=found["cvc5"]))


class Run:
    """What WP said about a file. harmless: of warnings, more than HARMLESS."""

    def __init__(self, text, code, harmless=()):
        self.text = text
        self.code = code
        self.scheduled = sum(int(n) for n in re.findall(r"\[wp\] (\d+) goals? scheduled", text))
        self.smoke_passed = len(re.findall(r"^\[wp\] \[Passed\] Smoke-test", text, re.M))
        self.smoke_failed = re.findall(r"^\[wp\] \[(?!Passed).*?\] Smoke-test (\S+)", text, re.M)
        self.proved = {prover: 0 for prover in PROVERS}
        self.goals = set()
        for prover, goal in re.findall(r"^\[wp\] \[(.+?)\] Goal (\S+) : Valid", text, re.M):
            self.goals.add(goal)
            self.proved[self.prover_name(prover)] += 1
        self.open = sorted(set(re.findall(r"\bGoal (typed_\S+)", text)) - self.goals)
        self.warnings = self.read_warnings(HARMLESS + harmless)
        self.properties = self.read_report()

    @staticmethod
    def prover_name(text):
        name = re.sub(r" [\d.]+", "", text)
        return name if name in PROVERS else name.split()[0]

    def read_warnings(self, harmless):
        found = re.findall(r"^\[[^\]]+\].*?(?:Warning|Error):.*(?:\n  .*)?", self.text, re.M)
        return [w for w in found if not any(known in w for known in harmless)]

    def read_report(self):
        """(function or '', status, property) for each line of the report."""
        result = []
        function = ""
        for line in self.text.splitlines():
            heading = re.match(r"--- Properties of Function '(.+)'", line)
            if heading:
                function = heading.group(1)
            entry = re.match(r"\[ *([^\]]*?) *\] (\S.*)", line)
            if entry and (function or entry.group(2).split()[0] in GLOBALS):
                result.append((function, entry.group(1), entry.group(2)))
        return result


class Prover:
    """Frama-C with our options; its files go to the build folder."""

    def __init__(self, build, cold):
        self.build = os.path.abspath(build)
        self.cache = "cold" if cold else "session"
        configure(build)
        if cold:
            shutil.rmtree(os.path.join(self.build, "cold"), ignore_errors=True)

    def command(self, source, include, extra, timeout):
        flags = f"-std=c11 -I{include}" + "".join(f" -include {e}" for e in extra)
        casts = ["-wp-model", "Typed+cast"] if os.path.basename(source) in CASTS else []
        return ["frama-c", "-machdep", "x86_64", f"-cpp-extra-args={flags}",
                # WP takes the locals of a switch's default for memory of somebody else.
                "-simplify-cfg",
                "-c11", "-warn-unsigned-overflow", "-warn-unsigned-downcast", source,
                "-wp", "-wp-rte", *casts, "-wp-par", os.environ.get("PROVE_PAR", "1"),
                "-wp-timeout", str(timeout), "-wp-cache", "update",
                "-wp-session", os.path.join(self.build, self.cache)]

    def run(self, command):
        environment = dict(os.environ, WHY3CONFIG=os.path.join(self.build, "why3.conf"))
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, env=environment,
                              check=False)
        harmless = ("Cast with incompatible pointers types",) if "Typed+cast" in command else ()
        result = Run(done.stdout + done.stderr, done.returncode, harmless)
        result.seconds = time.monotonic() - begun
        return result

    def prove(self, source, include="ref", extra=(), function=None, timeout=10):
        """Proves one function of a file, or all."""
        command = self.command(source, include, extra, timeout)
        order = "cvc4,z3,cvc5,cvc4-ind" if os.path.basename(source) in CVC4_FIRST else PROVER_OPTION
        command += ["-wp-prover", order, "-wp-split"]
        if function:
            command += ["-wp-fct", function]
        return self.run(command + ["-then", "-report"])

    def smoke(self, source, include="ref", extra=()):
        """Looks for contradictions only: contracts that nothing satisfies, code never reached."""
        command = self.command(source, include, extra, 1)
        properties = ("-@ensures,-@invariant,-@variant,-@assert,-@requires,-@lemma,"
                      "-@terminates,-@complete_behaviors,-@disjoint_behaviors")
        return self.run(command + ["-wp-prover", "z3", "-wp-smoke-tests", "-wp-smoke-timeout", "1",
                                   f"-wp-prop={properties}"])
