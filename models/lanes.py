"""Several numbers that are worked off at once in compiled loops: LANES of them fit the processor's wide registers.

Numba leaves to LLVM whether neighbours are worked off together, and LLVM does not where arrays might overlap. Here it
is said: `load` some, add, subtract and multiply them like numbers, `store` them.
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


def _place(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...], width: int) -> ir.Value:
    """Where in an array of one dimension some lanes begin."""
    array = context.make_array(sig.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), _vector(width).as_pointer())


def _loader(width: int) -> Any:
    def load(_: object, array: Any, at: Any) -> Any:
        """The lanes of an array of float64 from an index on."""

        def make(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...]) -> ir.Value:
            return builder.load(_place(context, builder, sig, args, width), align=8)

        return Lanes(width)(array, types.intp), make

    return intrinsic(load)


def _storer(width: int) -> Any:
    def store(_: object, array: Any, at: Any, lanes: Any) -> Any:
        """Put lanes into an array of float64, from an index on."""

        def make(context: Any, builder: ir.IRBuilder, sig: Any, args: tuple[ir.Value, ...]) -> ir.Value:
            builder.store(args[2], _place(context, builder, sig, args, width), align=8)
            return context.get_dummy_value()

        return types.void(array, types.intp, Lanes(width)), make

    return intrinsic(store)


load_few, load_many, store_few, store_many = _loader(FEW), _loader(MANY), _storer(FEW), _storer(MANY)
