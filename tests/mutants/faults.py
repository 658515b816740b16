"""The faults that can be planted into a module: each is one small change of its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Step = tuple[str, int | None]

COMPARE: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
TWINS: Final = {"any": "all", "all": "any", "min": "max", "max": "min"}
NOT_LOOKED_INTO: Final = {"annotation", "returns", "decorator_list", "bases", "type_params", "slice"}
"""What no fault is planted into: types, and how a class is made."""


@dataclass(frozen=True)
class Fault:
    """One change: where in the tree, by what it is replaced (nothing: taken out), and in words."""

    path: tuple[Step, ...]
    instead: ast.AST | None
    line: int
    function: int | None
    """The first line of the innermost function that it stands in; None at the level of the module or a class."""
    words: str

    def planted(self, tree: ast.Module) -> ast.Module:
        """A copy of the module with this fault."""
        changed: ast.Module = copy.deepcopy(tree)
        parent: ast.AST = changed
        for name, at in self.path[:-1]:
            parent = getattr(parent, name) if at is None else getattr(parent, name)[at]
        name, at = self.path[-1]
        if at is None:
            setattr(parent, name, self.instead)
        elif self.instead is None:
            _take_out(parent, name, at)
        else:
            getattr(parent, name)[at] = self.instead
        return ast.fix_missing_locations(changed)


def faults_in(tree: ast.Module) -> list[Fault]:
    """Every fault that can be planted into a module, in the order of its text."""
    return list(_below(tree, (), None))


def _below(parent: ast.AST, path: tuple[Step, ...], function: int | None) -> Iterator[Fault]:
    for name, value in ast.iter_fields(parent):
        if name in NOT_LOOKED_INTO:
            continue
        for at, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_apart(parent, node):
                continue
            here = (*path, (name, at))
            inside = _first_line(node) if isinstance(node, ast.FunctionDef) else function
            line = getattr(node, "lineno", getattr(parent, "lineno", 0))
            for instead, words in _changes(node, parent, name):
                if instead is not None:
                    ast.copy_location(instead, node)
                yield Fault(here, instead, line, inside, words)
            yield from _below(node, here, inside)


def _is_apart(parent: ast.AST, node: ast.AST) -> bool:
    """Docstrings, imports, assertions of what is known to hold, and what only the type checker reads."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("TypeVar", "cast"):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _first_line(function: ast.FunctionDef) -> int:
    return min([function.lineno, *(one.lineno for one in function.decorator_list)])


def _changes(node: ast.AST, parent: ast.AST, name: str) -> Iterator[tuple[ast.AST | None, str]]:
    match node:
        case ast.Compare(left=left, ops=[first], comparators=right):
            for other in COMPARE[type(first)]:
                yield ast.Compare(left, [other()], right), f"{type(first).__name__} → {other.__name__}"
        case ast.BoolOp(op=op, values=values):
            other_op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield ast.BoolOp(other_op, values), f"{type(op).__name__} → {type(other_op).__name__}"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand, "not taken away"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            other_sign = ARITHMETIC[type(op)]
            yield ast.BinOp(left, other_sign(), right), f"{type(op).__name__} → {other_sign.__name__}"
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value), f"{value} → {not value}"
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1), f"{value} → {value + 1}"
        case ast.Constant(value=str(value)) if value and not _tells_a_programmer(parent):
            yield ast.Constant(f"{value}X"), f"{value[:30]!r} → …X"
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None)), "returns None"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body), "the other branch of … if … else"
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse), "if → if not"
        case ast.comprehension(ifs=[_, *_]):
            yield ast.comprehension(node.target, node.iter, [], node.is_async), "the filter taken away"
        case ast.Break():
            yield ast.Continue(), "break → continue"
        case ast.Continue():
            yield ast.Break(), "continue → break"
        case ast.Raise() | ast.Expr():
            yield ast.Pass(), f"{'raise' if isinstance(node, ast.Raise) else 'a statement'} taken away"
        case ast.Name(id=id) if id in TWINS:
            yield ast.Name(TWINS[id], ast.Load()), f"{id} → {TWINS[id]}"
        case ast.keyword(arg=str()) if isinstance(parent, ast.Call):
            yield None, f"{node.arg}= taken away"
    if name == "elts" and isinstance(parent, ast.Tuple | ast.List | ast.Set) and len(parent.elts) > 1:
        if isinstance(getattr(parent, "ctx", ast.Load()), ast.Load):
            yield None, f"{ast.unparse(node)[:30]} taken out of a list"
    elif name == "keys" and isinstance(parent, ast.Dict):
        yield None, f"{ast.unparse(node)[:30]} taken out of a table"


def _tells_a_programmer(parent: ast.AST) -> bool:
    """Whether a text is an exception's: no one reads it but in a trace."""
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id.endswith(("Error", "Exception"))
    )


def _take_out(parent: ast.AST, name: str, at: int) -> None:
    del getattr(parent, name)[at]
    if isinstance(parent, ast.Dict):
        del parent.values[at]
