"""What is wrong with the paper's sources, found without TeX. values.py asks this.

- A number is typed in the text, in a table or in a caption. It may say a number in words, in a formula as an index, or as
  one of allowed.txt: names of models and kernels, constants of definitions.
- A figure has coordinates of its own. It has to read figures/*.dat, which values.py makes.
- \\val{name} has no place in places.toml, or a place is used by nothing.
- \\ref, \\cite and \\input lead nowhere, a reference is cited nowhere, or braces and environments do not match.
"""

import re

# What says no number of ours: names, references, lengths, and what is counted (claims, equations).
SILENT = re.compile(
    r"\\(?:val|cite|ref|label|input|url|code|tag|setlength\{[^}]*\})\{[^{}]*\}|\\multicolumn\{\d\}\{@\{\}l\}"
    r"|\\begin\{tabular\}.*|\\(?:begin|end)\{[^}]*\}|\\(?:addlinespace|\\)\[[^]]*\]"
    r"|\b(?:Claim|[Ee]quation)~\d\b|\bA\d\b")
MATHS = re.compile(r"\$[^$]*\$|\\begin\{equation\*?\}.*?\\end\{equation\*?\}", re.DOTALL)
DIGIT_ALONE = re.compile(r"(?<![\d.])\d(?![\d.%])")


def without_comments(source):
    return re.sub(r"(?<!\\)%.*", "", source)


def typed_numbers(source, allowed):
    """Each number that a text types, with its line. In formulas a single digit is an index, or the one of `1 - h`."""
    rest = MATHS.sub(lambda part: DIGIT_ALONE.sub(" ", SILENT.sub(" ", part.group())), without_comments(source))
    found = []
    for count, (line, plain) in enumerate(zip(rest.splitlines(), source.splitlines()), start=1):
        line = SILENT.sub(" ", line)
        for text in allowed:
            line = line.replace(text, " ")
        found += [f"{count}: {number} is typed; give it a place in places.toml: {plain.strip()}"
                  for number in re.findall(r"\d[\d.,]*", line)]
    return found


def spoken(source):
    """What a figure says: its captions and legends. All else is blank, so that lines keep their numbers."""
    kept = [match.span() for match in re.finditer(r"\\caption\{.*?(?=\n\\label|\n\\end\{figure|\Z)|\\addlegendentry\{[^\n]*\}", source, re.DOTALL)]
    return "".join(char if char == "\n" or any(begin <= place < end for begin, end in kept) else " "
                   for place, char in enumerate(source))


def unmatched(source):
    """The first environment or brace that does not match, or None."""
    plain = re.sub(r"\\[{}\\%]", "", without_comments(source))
    if plain.count("{") != plain.count("}"):
        return f"{plain.count('{')} opening braces and {plain.count('}')} closing ones"
    opened = []
    for what, name in re.findall(r"\\(begin|end)\{([^}]*)\}", plain):
        if what == "begin":
            opened.append(name)
        elif not opened or opened.pop() != name:
            return f"\\end{{{name}}} closes nothing"
    return f"\\begin{{{opened[-1]}}} is not closed" if opened else None


def names(pattern, text):
    return {name.strip() for group in re.findall(pattern, text) for name in group.split(",")}


def loose_ends(folder, texts):
    """References of all kinds that lead nowhere, or from nowhere."""
    whole = "\n".join(texts.values())
    said = []
    for name in sorted(names(r"\\input\{([^}#]*)\}", whole)):
        if not (folder / f"{name}.tex").exists():
            said.append(f"\\input{{{name}}} has no file")
    labels, cited, listed = (names(rf"\\{word}\{{([^}}]*)\}}", whole) for word in ("label", "cite", "bibitem"))
    said += [f"\\ref{{{name}}} has no label" for name in sorted(names(r"\\(?:eq)?ref\{([^}]*)\}", whole) - labels)]
    said += [f"\\cite{{{name}}} has no reference" for name in sorted(cited - listed)]
    said += [f"references.tex: nothing cites {name}" for name in sorted(listed - cited)]
    included = names(r"\\input\{([^}#]*)\}", whole) | {"paper"}
    said += [f"{name} is in no \\input" for name in sorted(texts) if name.removesuffix(".tex") not in included]
    return said


def faults(folder, places):
    """What is wrong, each in a sentence. `places` is places.toml's table."""
    lines = [line.split("#")[0].strip() for line in (folder / "allowed.txt").read_text().splitlines()]
    allowed = sorted((line for line in lines if line), key=len, reverse=True)
    files = [file for file in sorted(folder.glob("**/*.tex"))]
    texts = {str(file.relative_to(folder)): file.read_text() for file in files}
    said = []
    for name, text in texts.items():
        if name.startswith(("sections/", "tables/")):
            said += [f"{name}:{fault}" for fault in typed_numbers(text, allowed)]
        if name.startswith("figures/"):
            said += [f"{name}:{fault}" for fault in typed_numbers(spoken(without_comments(text)), allowed)]
        if re.search(r"\\addplot[^;]*coordinates", without_comments(text)):
            said.append(f"{name}: a figure has coordinates of its own; it has to read figures/*.dat")
        fault = unmatched(text)
        if fault:
            said.append(f"{name}: {fault}")
    said += loose_ends(folder, {name: without_comments(text) for name, text in texts.items()})
    used = names(r"\\val\{([^}#]*)\}", "\n".join(without_comments(text) for text in texts.values()))
    parts = {part for place in places.values() for part in place.get("sum", place.get("quotient", []))}
    said += [f"\\val{{{name}}} has no place in places.toml" for name in sorted(used - set(places))]
    said += [f"places.toml: nothing uses {name}" for name in sorted(set(places) - used - parts)]
    return said
