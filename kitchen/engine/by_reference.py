"""Named tuples of arrays that compiled functions hand on by reference, in one word.

Numba hands on a tuple of arrays by value: all base addresses, sizes and strides of all of them, 240 words
for the kernel's, at each call that is not inlined. `by_reference` keeps the tuple where the outermost
function stands and hands on its address; ``reference.name`` reads what is needed of one array. Without
reference counts (`_nrt=False`) nothing else is to be done.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, lower_getattr_generic, models, register_model


class Reference(types.Type):
    """The type of the address of a named tuple of arrays."""

    def __init__(self, inner):
        self.inner = inner
        super().__init__(name=f"Reference({inner})")


@register_model(Reference)
class _Model(models.OpaqueModel):
    """An address."""


@infer_getattr
class _Fields(AttributeTemplate):
    key = Reference

    def generic_resolve(self, reference, name):
        if name in reference.inner.fields:
            field = reference.inner[reference.inner.fields.index(name)]
            return Reference(field) if isinstance(field, types.NamedTuple) else field


@lower_getattr_generic(Reference)
def _field(context, builder, reference, address, name):
    """A tuple in the tuple by reference; an array part by part, so that what is not used vanishes."""
    whole = builder.bitcast(address, context.get_value_type(reference.inner).as_pointer())
    nth = reference.inner.fields.index(name)
    field = cgutils.gep_inbounds(builder, whole, 0, nth)
    if isinstance(reference.inner[nth], types.NamedTuple):
        return builder.bitcast(field, cgutils.voidptr_t)
    return _loaded(builder, field)


def _loaded(builder, pointer):
    """What stands at a pointer, aggregates part by part. Nothing there ever changes."""
    stands = pointer.type.pointee
    if not isinstance(stands, (ir.LiteralStructType, ir.ArrayType)):
        load = builder.load(pointer)
        load.set_metadata("invariant.load", builder.module.add_metadata([]))
        return load
    count = stands.count if isinstance(stands, ir.ArrayType) else len(stands.elements)
    made = ir.Constant(stands, ir.Undefined)
    for i in range(count):
        part = _loaded(builder, cgutils.gep_inbounds(builder, pointer, 0, i))
        made = builder.insert_value(made, part, i)
    return made


@intrinsic
def by_reference(typingctx, given):
    """The address of a named tuple of arrays, good for as long as the function that asks runs."""

    def codegen(context, builder, signature, values):
        kept = cgutils.alloca_once_value(builder, values[0])
        return builder.bitcast(kept, cgutils.voidptr_t)

    return Reference(given)(given), codegen
