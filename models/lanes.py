"""Several numbers that are worked off at once in compiled loops: LANES of them fit the processor's wide registers.

Numba leaves to LLVM whether neighbours are worked off together, and LLVM does not where arrays might overlap. Here it
is said: `load` some (the first of them `few` or `many`), reckon with them like with numbers, `store` them. Nor does
Numba trust that an index is not below 0, and looks at each; `peek` does not.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

FEW, MANY = 4, 8
"""Widths that there are."""
_FLAGS = ("contract", "reassoc", "nsz")


class Lanes(types.Type):  # type: ignore[misc] # numba has no types of its own
    """So many float64, as numba knows them."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Lanes({width})")


def _vector(width: int) -> ir.VectorType:
    return ir.VectorType(ir.DoubleType(), width)


@register_model(Lanes)
class _Model(models.PrimitiveModel):  # type: ignore[misc] # the same
    def __init__(self, manager: Any, kind: Lanes) -> None:
        super().__init__(manager, kind, _vector(kind.width))


def _spread(builder: ir.IRBuilder, value: ir.Value, width: int) -> ir.Value:
    """One number in every lane."""
    first, nothing = ir.Constant(ir.IntType(32), 0), ir.Constant(_vector(width), ir.Undefined)
    alone = builder.insert_element(nothing, value, first)
    return builder.shuffle_vector(alone, nothing, ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width))


def _can(done: Any, instruction: str) -> None:
    """Let an operator take lanes on either side, and a number on the other."""

    @infer_global(done)
    class _Operator(AbstractTemplate):  # type: ignore[misc] # the same
        def generic(self, args: tuple[Any, ...], _: object) -> Any:
            lanes = next((each for each in args if isinstance(each, Lanes)), None)
            fits = lanes is not None and len(args) == 2 and all(each in (lanes, types.float64) for each in args)
            return signature(lanes, *args) if fits else None

    def lower(_: object, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...]) -> ir.Value:
        width = sig.return_type.width
        both = [
            value if isinstance(kind, Lanes) else _spread(builder, value, width)
            for kind, value in zip(sig.args, args, strict=True)
        ]
        return getattr(builder, instruction)(*both, flags=_FLAGS)

    for left, right in ((Lanes, Lanes), (Lanes, types.Float), (types.Float, Lanes)):
        lower_builtin(done, left, right)(lower)


_can(operator.add, "fadd")
_can(operator.sub, "fsub")
_can(operator.mul, "fmul")
_can(operator.truediv, "fdiv")


def _place(context: Any, builder: ir.IRBuilder, array: Any, value: ir.Value, at: ir.Value) -> ir.Value:
    """Where in an array of one dimension an item is."""
    return builder.gep(context.make_array(array)(context, builder, value).data, [at])


def _lanes(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...], width: int) -> ir.Value:
    """Where some lanes begin."""
    place = _place(context, builder, sig.args[0], *args[:2])
    return builder.bitcast(place, _vector(width).as_pointer())


def _load(lanes: Lanes, *args: Any) -> Any:
    def make(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...]) -> ir.Value:
        return builder.load(_lanes(context, builder, sig, args, lanes.width), align=8)

    return lanes(*args), make


@intrinsic  # type: ignore[untyped-decorator] # numba has no types of its own
def few(_: object, array: Any, at: Any) -> Any:
    """FEW lanes of an array of float64 from an index on."""
    return _load(Lanes(FEW), array, types.intp)


@intrinsic  # type: ignore[untyped-decorator] # the same
def many(_: object, array: Any, at: Any) -> Any:
    """MANY lanes of an array of float64 from an index on."""
    return _load(Lanes(MANY), array, types.intp)


@intrinsic  # type: ignore[untyped-decorator] # the same
def load(_: object, array: Any, at: Any, like: Any) -> Any:
    """As many lanes as others have."""
    return _load(like, array, types.intp, like)


@intrinsic  # type: ignore[untyped-decorator] # the same
def store(_: object, array: Any, at: Any, lanes: Any) -> Any:
    """Put lanes into an array of float64, from an index on."""

    def make(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...]) -> ir.Value:
        builder.store(args[2], _lanes(context, builder, sig, args, lanes.width), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), make


@intrinsic  # type: ignore[untyped-decorator] # the same
def wide(_: object, lanes: Any) -> Any:
    """How many lanes these are."""

    def make(context: Any, _: ir.IRBuilder, __: object, ___: object) -> ir.Value:
        return context.get_constant(types.intp, lanes.width)

    return types.intp(lanes), make


@intrinsic  # type: ignore[untyped-decorator] # the same
def together(_: object, lanes: Any) -> Any:
    """Their sum."""

    def make(_: object, builder: ir.IRBuilder, __: object, args: tuple[ir.Value, ...]) -> ir.Value:
        real = ir.DoubleType()
        kind = ir.FunctionType(real, [real, _vector(lanes.width)])
        name = f"llvm.vector.reduce.fadd.v{lanes.width}f64"
        added = builder.module.declare_intrinsic(name, fnty=kind)
        return builder.call(added, [ir.Constant(real, -0.0), args[0]], fastmath=_FLAGS)

    return types.float64(lanes), make


@intrinsic  # type: ignore[untyped-decorator] # the same
def peek(_: object, array: Any, at: Any) -> Any:
    """The item of an array at an index that is known to be in it: a real number, or an integer from 0 on."""
    whole = isinstance(array.dtype, types.Integer)

    def make(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...]) -> ir.Value:
        item = builder.load(_place(context, builder, sig.args[0], *args))
        return builder.zext(item, ir.IntType(64)) if whole else item

    return (types.intp if whole else array.dtype)(array, types.intp), make
