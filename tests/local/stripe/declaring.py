"""Writes down what the official client declares of the operations that the simulator speaks.

    python -m tests.local.stripe.declaring

makes ``parameters.json`` and ``answers.json`` in ``regulars/local/stripe``: no package carries
Stripe's OpenAPI document in the version of the client, but the client is made from it, types
included. Run it after an upgrade of ``stripe``; a test fails until then.

A kind of value is written as
    "string" "integer" "boolean" "number" "decimal" (as text) "any" "map" (free keys, texts)
    ["enum", "a", "b"]   ["list", kind]   {"name": kind, "needed!": kind}   ["or empty", kind]
    ["either", kind, kind]   ["object", "customer"]   ["id or", "customer"]   ["or null", kind]
    ["page", "customer"]   7    (what stands at 7 of "shared", because it is common)
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import stripe

from regulars.local.stripe import routes

ROOT: Final = Path(stripe.__file__).parent
TARGET: Final = Path(routes.__file__).parent
PLAIN: Final = {
    "str": "string",
    "int": "integer",
    "bool": "boolean",
    "float": "number",
    "Decimal": "decimal",
    "Any": "any",
    "object": "any",
    "StripeObject": "any",
}
WORTH_SHARING: Final = 60
"""Characters from which a kind that occurs twice is written once."""

type Kind = str | int | list[Any] | dict[str, Any]


class Operation(NamedTuple):
    """One operation of the API as a service of the client calls it."""

    space: str
    method: str
    path: str
    parameters: str | None
    answer: Kind


_RESOURCE: Final = re.compile(r'OBJECT_NAME: ClassVar\[\s*Literal\["([^"]+)"\]')
_CLASS: Final = re.compile(r"^class (\w+)", re.M)
_PARAMETERS: Final = re.compile(r'params: (?:Optional\[)?\s*"(\w+)"')


def _files(pattern: str) -> Iterator[tuple[str, str]]:
    """Give the package below ``stripe`` and the text of each file; version 2 is not spoken."""
    for file in sorted(ROOT.rglob(pattern)):
        parts = file.relative_to(ROOT).parts[:-1]
        if "v2" not in parts:
            yield ".".join(part for part in parts if part != "params"), file.read_text("utf-8")


def _classes(text: str) -> list[ast.ClassDef]:
    return [each for each in ast.parse(text).body if isinstance(each, ast.ClassDef)]


class Client:
    """The classes of the client, read from its source: nothing is imported, no request is made."""

    def __init__(self) -> None:
        """Read the services of the operations that are spoken, and what their parameters are."""
        self.parameters: dict[str, ast.ClassDef] = {}
        self.names: dict[str, str] = {}
        self.operations: list[Operation] = []
        self._texts: dict[str, str] = {}
        self._space = ""
        for space, text in _files("_[!_]*.py"):
            found = _RESOURCE.search(text)
            if found:
                name = _CLASS.findall(text, 0, found.start())[-1]
                self.names[f"{space}:{name}"] = found[1]
                self._texts[found[1]] = text
        spoken = [f'"{path}' for path in {each.path.split("{")[0] for each in routes.every()}]
        services = [
            (space, text)
            for space, text in _files("_*_service.py")
            if any(path in text for path in spoken)
        ]
        wanted = {
            f"{space}:{name}" for space, text in services for name in _PARAMETERS.findall(text)
        }
        for space, text in _files("_*_params.py"):
            first = _CLASS.search(text)
            if first and f"{space}:{first[1]}" in wanted:
                self.parameters.update({f"{space}:{each.name}": each for each in _classes(text)})
        for space, text in services:
            for service in _classes(text):
                for function in service.body:
                    if isinstance(function, ast.FunctionDef):
                        self._space = space
                        self.operations += self._operation(function)

    def takes(self, operation: Operation) -> dict[str, Kind]:
        """Give the parameters of an operation."""
        self._space = operation.space
        found = self.parameters.get(f"{operation.space}:{operation.parameters}")
        return self.fields(found) if found else {}

    def gives(self, name: str) -> dict[str, Kind]:
        """Give the fields of a resource."""
        self._space = name.rpartition(".")[0]
        found = [each for each in _classes(self._texts[name]) if _object_name(each) == name]
        return self.fields(found[0])

    def _operation(self, function: ast.FunctionDef) -> Iterator[Operation]:
        calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
        for call in calls:
            if not isinstance(call.func, ast.Attribute) or call.func.attr != "_request":
                continue
            method, path = call.args[:2]
            if isinstance(path, ast.Call):  # "/v1/…/{id}".format(id=…)
                path = cast(ast.Attribute, path.func).value
            given = {each.arg: each.annotation for each in function.args.args}
            texts = set(_texts(given["params"])) if "params" in given else set()
            named = [each for each in texts if f"{self._space}:{each}" in self.parameters]
            if texts and not named:
                raise LookupError(f"{texts} of {ast.unparse(path)} is declared nowhere")
            answer = self.kind(cast(ast.expr, function.returns), ())
            yield Operation(
                space=self._space,
                method=cast(str, cast(ast.Constant, method).value).upper(),
                path=cast(str, cast(ast.Constant, path).value),
                parameters=named[0] if named else None,
                answer=answer,
            )

    def fields(self, found: ast.ClassDef) -> dict[str, Kind]:
        """Give the fields that a class declares; ``!`` marks those that must be there."""
        fields = {}
        for each in found.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                if "ClassVar" in ast.unparse(each.annotation):
                    continue
                kind = self.kind(each.annotation, (found,))
                if isinstance(kind, list) and kind[0] == "may lack":
                    fields[each.target.id] = kind[1]
                else:
                    fields[f"{each.target.id.removesuffix('_')}!"] = kind
        for text in ast.walk(found):  # names that Python keeps for itself, such as "from"
            if isinstance(text, ast.Assign) and "_field_remappings" in ast.unparse(text):
                for inner, given in ast.literal_eval(text.value).items():
                    fields[given] = fields.pop(inner, fields.pop(f"{inner}!", "any"))
        return fields

    def kind(self, annotation: ast.expr, within: Sequence[ast.ClassDef]) -> Kind:
        """Turn an annotation into a kind."""
        match annotation:
            case ast.Constant(value=str() as text):
                # Quoted is what the module names; what stands in the class itself is not quoted.
                name = ast.parse(text, mode="eval").body
                own = isinstance(name, ast.Name | ast.Attribute)
                return self.kind(name, () if own else within)
            case ast.Constant(value=None):
                return "null"
            case ast.Name() | ast.Attribute():
                return self._named(ast.unparse(annotation), within)
            case ast.BinOp():
                return _united(self._sides(annotation, within))
            case ast.Subscript(value=outer, slice=inner):
                return self._subscript(ast.unparse(outer), inner, within)
        raise ValueError(ast.unparse(annotation))

    def _sides(self, union: ast.expr, within: Sequence[ast.ClassDef]) -> list[Kind]:
        if isinstance(union, ast.BinOp):
            return [*self._sides(union.left, within), *self._sides(union.right, within)]
        return [self.kind(union, within)]

    def _subscript(self, outer: str, inner: ast.expr, within: Sequence[ast.ClassDef]) -> Kind:
        if outer == "Literal":
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return ["enum", *(cast(ast.Constant, each).value for each in values)]
        if outer in {"Dict", "UntypedStripeObject"}:
            return "map"
        if outer == "Union":
            return _united([self.kind(each, within) for each in cast(ast.Tuple, inner).elts])
        kind = self.kind(inner, within)
        match outer:
            case "NotRequired":
                return ["may lack", kind]
            case "Optional":
                return ["or null", kind]
            case "List":
                return ["list", kind]
            case "ListObject" | "SearchResultObject":
                return ["page", cast(list[Any], kind)[1]]
            case "ExpandableField" if isinstance(kind, dict):
                return ["either", "string", kind]
            case "ExpandableField":
                return ["id or", *cast(list[Any], kind)[1:]]
        raise ValueError(outer)

    def _named(self, name: str, within: Sequence[ast.ClassDef]) -> Kind:
        for each in within[-1].body if within else ():
            if isinstance(each, ast.ClassDef) and each.name == name:
                return cast(Kind, self.fields(each))
        if name in PLAIN:
            return PLAIN[name]
        if f"{self._space}:{name}" in self.parameters:
            return cast(Kind, self.fields(self.parameters[f"{self._space}:{name}"]))
        short = name.rsplit(".", 1)[-1]
        near = self.names.get(f"{self._space}:{short}") or self.names.get(f":{short}")
        far = [found for place, found in self.names.items() if place.endswith(f":{short}")]
        return ["object", near or (far[0] if len(far) == 1 else short)]


def _united(kinds: list[Kind]) -> Kind:
    """Join alternatives: an enumeration or text is that enumeration (new values may come)."""
    enums = [each for each in kinds if isinstance(each, list) and each[0] == "enum"]
    if ["enum", ""] in enums:
        rest = [each for each in kinds if each != ["enum", ""]]
        return ["or empty", _united(rest)] if rest else "string"
    if enums and "string" in kinds:
        return _united([each for each in kinds if each != "string"])
    kinds = [each for each in kinds if each != "any"] or kinds
    if "map" in kinds:
        return "map"
    objects = [each for each in kinds if isinstance(each, list) and each[0] == "object"]
    if objects and len(objects) == len(kinds):
        return ["object", *(each[1] for each in objects)]
    return kinds[0] if len(kinds) == 1 else ["either", *kinds]


def _texts(annotation: ast.expr | None) -> list[str]:
    nodes = ast.walk(annotation) if annotation else ()
    return [each.value for each in nodes if isinstance(each, ast.Constant)]  # type: ignore[misc]


def _object_name(found: ast.ClassDef) -> Any:
    for each in found.body:
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "OBJECT_NAME":
            return each.value and ast.literal_eval(each.value)
    return None


def _shared(tree: Any) -> tuple[Any, list[Any]]:
    """Write what is large and occurs more than once into a list, and its place where it was."""
    counts: Counter[str] = Counter()

    def count(node: Any) -> None:
        if isinstance(node, dict | list):
            counts[json.dumps(node)] += 1
            if counts[json.dumps(node)] == 1:
                for each in node.values() if isinstance(node, dict) else node:
                    count(each)

    places: dict[str, int] = {}
    kinds: list[Any] = []

    def place(node: Any) -> Any:
        if not isinstance(node, dict | list):
            return node
        key = json.dumps(node)
        if key in places:
            return places[key]
        if isinstance(node, dict):
            written: Any = {name: place(each) for name, each in node.items()}
        else:
            written = [place(each) for each in node]
        if counts[key] > 1 and len(key) > WORTH_SHARING:
            places[key] = len(kinds)
            kinds.append(written)
            return places[key]
        return written

    count(tree)
    return {name: place(each) for name, each in tree.items()}, kinds


def _write(kinds: dict[str, Any]) -> str:
    """Write a table, one line for each entry, so that a change can be read."""
    tree, shared = _shared(kinds)
    head = {
        "generated by": "python -m tests.local.stripe.declaring",
        "api version": stripe.api_version,
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    for title, pairs in (("kinds", tree),):
        body = ",\n".join(f"{json.dumps(n)}: {json.dumps(k)}" for n, k in sorted(pairs.items()))
        lines.append(f'"{title}": {{\n{body}\n}}')
    lines.append('"shared": [\n' + ",\n".join(map(json.dumps, shared)) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def tables() -> dict[str, str]:
    """Give the text of both tables."""
    client = Client()
    spoken = {f"{route.method} {route.path}" for route in routes.every()}
    parameters = {}
    wanted = set(routes.WITHIN_ANSWERS)
    for each in client.operations:
        name = f"{each.method} {routes.plain(each.path)}"
        if name in spoken:
            parameters[name] = {"takes": client.takes(each), "gives": each.answer}
            wanted.add(cast(list[str], each.answer)[1])
    answers = {name: client.gives(name) for name in sorted(wanted)}
    return {"parameters.json": _write(parameters), "answers.json": _write(answers)}


if __name__ == "__main__":
    for name, text in tables().items():
        (TARGET / name).write_text(text, encoding="utf-8")
