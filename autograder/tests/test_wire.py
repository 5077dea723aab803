"""The codec: every value arrives as it was, everything else is refused, and no bytes can do harm."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox import arrays, wire
from autograder.sandbox.ledger import Borrower, Ledger
from autograder.tests.fuzzing import FUZZ

CAPS = wire.Caps(size=1 << 16, items=2000, keys=200)
BIT_GENERATORS = [np.random.PCG64, np.random.Philox, np.random.SFC64, np.random.MT19937]


def refuse(value: Any) -> tuple[Any, ...]:
    raise wire.UnsendableError("wrong_type", f"an object of type {type(value).__name__}")


def frame(value: Any, **how: Any) -> bytes:
    return wire.encode(value, refuse, how.pop("caps", CAPS), **how)


def read(data: bytes, **how: Any) -> Any:
    (size,) = wire.HEADER.unpack_from(data)
    assert size == len(data) - wire.HEADER.size
    return wire.decode(data[wire.HEADER.size :], lambda reference: reference, how.pop("caps", CAPS), **how)


def there(value: Any) -> Any:
    return read(frame(value))


def same(one: Any, other: Any) -> bool:
    """Equality by type and by bytes, so that NaN is NaN, -0.0 is not 0.0 and True is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return (one.shape, one.dtype, one.tobytes()) == (other.shape, other.dtype, other.tobytes())
    if isinstance(one, np.generic):
        return (one.dtype, one.tobytes()) == (other.dtype, other.tobytes())
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            same(a, b) and same(one[a], other[b]) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.floating_dtypes(sizes=(16, 32, 64), endianness="?"),
    hnp.complex_number_dtypes(sizes=(64, 128)),
    hnp.unicode_string_dtypes(max_len=4),
    hnp.byte_string_dtypes(max_len=4),
    hnp.datetime64_dtypes(),
    hnp.timedelta64_dtypes(),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**200), 2**200), st.floats(), st.complex_numbers(), TEXT
)
KEYS = st.one_of(st.none(), st.integers(), TEXT, st.binary(max_size=5), st.tuples(st.integers(), TEXT))
VALUES = st.recursive(
    st.one_of(ATOMS, st.binary(max_size=20), ARRAYS, ARRAYS.filter(lambda a: a.ndim == 0).map(lambda a: a[()])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=8,
)


@pytest.mark.fuzz
@FUZZ
@example([np.str_(""), np.bytes_(b""), None])
@given(VALUES)
def test_every_value_arrives_as_it_was(value: Any) -> None:
    assert same(there(value), value)


@pytest.mark.fuzz
@FUZZ
@given(VALUES, st.data())
def test_a_truncated_frame_is_an_error_and_nothing_else(value: Any, data: st.DataObject) -> None:
    body = frame(value)[wire.HEADER.size :]
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(wire.WireError):
        wire.decode(body[:cut], lambda reference: reference, CAPS)


@pytest.mark.fuzz
@FUZZ
@given(VALUES, st.data())
def test_a_changed_frame_is_a_value_within_the_caps_or_an_error(value: Any, data: st.DataObject) -> None:
    body = bytearray(frame(value)[wire.HEADER.size :])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    decode_whatever(bytes(body))


@pytest.mark.fuzz
@FUZZ
@given(st.binary(max_size=200))
def test_random_bytes_are_a_value_within_the_caps_or_an_error(body: bytes) -> None:
    decode_whatever(body)


@pytest.mark.fuzz
@FUZZ
@given(
    st.lists(st.sampled_from([bytes((tag,)) for tag in b"NTFiIdcsbtlDagGr"] + [b"\x01\0\0\0", b"\x03<f8"]), max_size=30)
)
def test_random_tags_are_a_value_within_the_caps_or_an_error(parts: list[bytes]) -> None:
    decode_whatever(b"".join(parts))


def decode_whatever(body: bytes) -> None:
    try:
        value = wire.decode(body, lambda reference: None, CAPS, Borrower())
    except wire.WireError:
        return
    # What was accepted can be used: shown, summed along any axis, sent again.
    repr(value)
    for array in [value] if isinstance(value, np.ndarray) else []:
        assert math.prod(filter(None, array.shape)) * max(array.itemsize, 1) <= CAPS.size
        array.astype(str)
    frame(value, caps=wire.Caps())


def array_bytes(
    code: bytes, shape: tuple[int, ...], data: bytes, order: int = 0, strides: tuple[int, ...] = ()
) -> bytes:
    head = b"a" + bytes((len(code),)) + code + b"\0" + bytes((order, 1, len(shape)))
    return head + struct.pack(f"<{len(shape) + len(strides)}q", *shape, *strides) + data


@pytest.mark.parametrize(
    "body",
    [
        array_bytes(b"<f8", (3,), bytes(16)),
        array_bytes(b"<f8", (-1,), b""),
        array_bytes(b"<f8", (2**62, 4), b""),
        array_bytes(b"<f8", (0, 2**40), b""),
        array_bytes(b"<U0", (2**40,), b""),
        array_bytes(b"<f8", (1,) * 33, bytes(8)),
        array_bytes(b"<f8", (2,), bytes(16), order=3),
        array_bytes(b"<f8", (2,), bytes(16), order=2, strides=(2**61,)),
        array_bytes(b"<f8", (2, 2), bytes(32), order=2, strides=(2**13, -(2**13))),
        array_bytes(b"<f8", (0,), b"", order=2, strides=(1,)),
        array_bytes(b"|O", (1,), bytes(8)),
        array_bytes(b"<f16", (1,), bytes(16)),
        array_bytes(b"|V8", (1,), bytes(8)),
        array_bytes(b"f8,f8", (1,), bytes(16)),
        array_bytes(b"<U1", (1,), struct.pack("<I", 0x110000)),
        array_bytes(b"<U1", (1,), struct.pack("<I", 0xD800)),
        b"s\xff\xff\xff\xff",
        b"l\xff\xff\xff\x7f" + b"N" * 50,
        b"D\x01\0\0\0" + b"l\0\0\0\0" + b"N",
        b"I" + struct.pack("<I", 3000) + b"\x7f" * 3000,
        b"l\x01\0\0\0" * 100 + b"N",
        b"r\x00",
        b"rN",
        b"NN",
        b"",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_lying_frame_is_refused(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(body, lambda reference: reference, CAPS)


def test_truth_values_with_odd_bytes_are_made_truth_values() -> None:
    array = wire.decode(array_bytes(b"|b1", (3,), b"\x00\x02\xff"), lambda reference: reference, CAPS)
    assert array.tobytes() == b"\0\1\1"


@pytest.mark.parametrize("layout", [np.asarray, np.asfortranarray, lambda array: array[::2]])
def test_long_doubles_arrive_in_double_precision(layout: Any) -> None:
    for long, short in ((np.longdouble, np.float64), (np.clongdouble, np.complex128)):
        table = layout(np.arange(12.0).reshape(4, 3) / 7)
        assert same(there(table.astype(long)), table.astype(short))
        assert same(there(long(1) / 3), short(long(1) / 3))
    with np.errstate(over="ignore"):
        assert there(np.longdouble(10) ** 400) in (np.inf, np.float64("inf"))


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (np.array([None]), "wrong_type"),
        (np.zeros(2, dtype=[("a", "f8")]), "wrong_type"),
        (np.zeros(2, dtype=[("a", "f8")])[0], "wrong_type"),
        (np.zeros(2, dtype="V4"), "wrong_type"),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "wrong_type"),
        (np.ma.masked, "wrong_type"),
        ("half a character: \ud800", "wrong_type"),
        (object(), "wrong_type"),
        ({1, 2}, "wrong_type"),
        (range(3), "wrong_type"),
        (np.broadcast_to(np.float64(0), (10**6, 10**6)), "too_big"),
        (np.zeros((0, 2**40)), "too_big"),
        (np.zeros(1 << 14), "too_big"),
        ("x" * (1 << 17), "too_big"),
        (b"x" * (1 << 17), "too_big"),
        (10**5000, "too_big"),
        ([0] * 3000, "too_big"),
        (dict.fromkeys(range(300)), "too_big"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_may_not_travel_is_refused_at_the_sender(value: Any, status: str) -> None:
    with pytest.raises(wire.UnsendableError) as caught:
        frame([value])
    assert caught.value.status == status


def test_a_deep_or_endless_list_is_too_big() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    endless: list[Any] = []
    endless.append(endless)
    for value in (deep, endless):
        with pytest.raises(wire.UnsendableError, match="nested"):
            frame(value)


def test_a_masked_array_is_refused_by_its_name() -> None:
    with pytest.raises(wire.UnsendableError, match="MaskedArray"):
        frame(np.ma.masked_array([1.0]))


def test_an_array_subclass_arrives_as_an_array_with_the_name_of_its_type() -> None:
    class Hostile(np.ndarray[Any, Any]):
        def __array_finalize__(self, other: object) -> None:
            if other is not None:
                raise RuntimeError("student code ran")

        def tobytes(self, order: Any = "C") -> bytes:
            raise RuntimeError("student code ran")

    hostile = np.ndarray.__new__(Hostile, (2,), np.float64, np.ones(2).tobytes())
    for value, name in ((hostile, "Hostile"), (np.ones((2, 2)).view(np.matrix), "matrix")):
        arrived = there(value)
        assert type(arrived) is arrays.Tagged
        assert arrived.student_type == name
        assert getattr(arrived[:1], "student_type", "") == name
        assert type(there(arrived)) is np.ndarray


def test_subclasses_of_plain_types_arrive_as_the_plain_value() -> None:
    class Number(float):
        def __float__(self) -> float:
            return -1.0

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    class Text(str):
        def encode(self, *_: Any, **__: Any) -> bytes:
            return b"forged"

    class Whole(int):
        def __int__(self) -> int:
            return -1

        def bit_length(self) -> int:
            return 0

    class Items(list[Any]):
        def __iter__(self) -> Any:
            return iter(["forged"])

        def __len__(self) -> int:
            return 10**9

    class Pairs(dict[Any, Any]):
        def items(self) -> Any:
            return [("forged", 1)]

    value = [Number(2.0), Text("a"), Whole(3), Whole(2**100), Items([1]), Pairs({1: 2})]
    assert same(there(value), [2.0, "a", 3, 2**100, [1], {1: 2}])


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24.0).reshape(2, 3, 4),
        np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
        np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),
        np.arange(24.0)[::-2],
        np.arange(24.0).reshape(4, 6)[1:3, ::-1],
        np.arange(24.0).reshape(4, 6)[:, 2:3],
        np.broadcast_to(np.arange(3.0), (4, 3)),
        np.lib.stride_tricks.sliding_window_view(np.arange(9.0), 4),
        np.array(5.0),
        np.zeros((3, 0)),
    ],
    ids=["C", "Fortran", "transposed", "reversed", "block", "column", "broadcast", "windows", "0-d", "empty"],
)
def test_layout_arrives_as_it_was(array: arrays.Array) -> None:
    arrived = there(array)
    assert same(arrived, array)
    if array.size > 1:
        assert arrived.strides == array.strides
    assert arrived.flags.c_contiguous == array.flags.c_contiguous
    assert arrived.flags.f_contiguous == array.flags.f_contiguous
    assert arrived.flags.writeable == array.flags.writeable


def test_a_read_only_array_arrives_read_only_and_others_can_be_written_and_own_their_memory() -> None:
    frozen = np.ones(3)
    frozen.flags.writeable = False
    assert not there(frozen).flags.writeable
    arrived = there(np.ones((3, 2)))
    arrived += 1
    assert arrived.flags.owndata


def test_a_field_of_a_structured_array_arrives_by_value() -> None:
    field = np.zeros(3, dtype=[("a", "i1"), ("b", "f8")])["b"]
    assert same(there(field), np.zeros(3))


@pytest.mark.parametrize("bits", BIT_GENERATORS)
def test_a_generator_arrives_in_its_state(bits: Any) -> None:
    generator = np.random.Generator(bits(3))
    generator.integers(10, size=3, dtype=np.uint32)
    assert np.array_equal(there(generator).normal(size=5), generator.normal(size=5))


@pytest.mark.parametrize("bits", BIT_GENERATORS)
def test_both_sides_draw_from_one_stream(bits: Any) -> None:
    ours, theirs = Ledger(), Borrower()
    generator, alone = np.random.Generator(bits(5)), np.random.Generator(bits(5))
    first, second = read(frame([generator, generator], ledger=ours), ledger=theirs)
    assert first is second
    drawn = []
    for _ in range(3):
        drawn.append(first.random())
        ours.update(there(theirs.changes()))
        drawn.append(generator.random())
        theirs.update(there(ours.changes()))
    assert drawn == [alone.random() for _ in range(6)]
    assert read(frame(first, ledger=theirs), ledger=ours) is generator
    assert theirs.changes() == ours.changes() == {}


@pytest.mark.parametrize("bits", BIT_GENERATORS)
def test_a_generator_of_the_other_side_is_shared_while_a_call_back_is_served_and_no_longer(bits: Any) -> None:
    ours, theirs = Ledger(), Borrower()
    own, alone = np.random.Generator(bits(5)), np.random.Generator(bits(5))
    with theirs.asking():
        guest, again = read(frame([own, own], ledger=theirs), ledger=ours)
    assert guest is again
    drawn = [guest.random(), guest.random()]
    theirs.update(there(ours.changes()))
    drawn.append(own.random())
    assert drawn == [alone.random() for _ in range(3)]
    ours.dismiss()
    guest.random()
    assert ours.changes() == {}
    assert read(frame(own, ledger=theirs), ledger=ours) is not guest


@pytest.mark.parametrize("bits", BIT_GENERATORS)
def test_what_a_generator_spawns_follows_from_its_state(bits: Any) -> None:
    generator = np.random.Generator(bits(3))
    spawned, again = (there(generator).spawn(1)[0].random() for _ in range(2))
    assert spawned == again
    assert there(np.random.Generator(bits(4))).spawn(1)[0].random() != spawned


def test_only_the_latest_generators_are_kept_in_step() -> None:
    ours, theirs = Ledger(), Borrower()
    generators = [np.random.default_rng(seed) for seed in range(30)]
    copies = [read(frame(generator, ledger=ours), ledger=theirs) for generator in generators]
    for copy in copies:
        copy.random()
    changes = theirs.changes()
    assert 0 < len(changes) < 30
    ours.update(changes)
    assert generators[-1].random() == copies[-1].random()


def state(bits: Any, **changes: Any) -> dict[str, Any]:
    found = dict(np.random.Generator(bits(1)).bit_generator.state)
    inner = {key: value for key, value in changes.items() if key in found["state"]}
    outer = {key: value for key, value in changes.items() if key not in found["state"]}
    return {**found, "state": {**found["state"], **inner}, **outer}


@pytest.mark.parametrize(
    "forged",
    [
        state(np.random.Philox, buffer_pos=-(10**9)),
        state(np.random.Philox, buffer_pos=5),
        state(np.random.Philox, buffer=np.zeros(3, np.uint64)),
        state(np.random.Philox, counter=[1, 2, 3, 4]),
        state(np.random.MT19937, pos=10**6),
        state(np.random.MT19937, pos=-1),
        state(np.random.MT19937, key=np.zeros(10, np.uint32)),
        state(np.random.PCG64, state=-1),
        state(np.random.PCG64, inc=2**128),
        state(np.random.PCG64, has_uint32=True),
        state(np.random.PCG64, uinteger=2.0),
        state(np.random.PCG64, bit_generator="os"),
        state(np.random.PCG64, bit_generator=[]),
        {"bit_generator": "SFC64"},
        {"bit_generator": "SFC64", "state": None},
        None,
        7,
    ],
    ids=str,
)
def test_a_forged_state_of_a_generator_is_refused(forged: Any) -> None:
    with pytest.raises(ValueError):
        arrays.generator_from(forged)
    ledger = Ledger()
    frame(np.random.default_rng(1), ledger=ledger)
    with pytest.raises(wire.WireError):
        ledger.update({1: forged})


@pytest.mark.parametrize(
    "moved",
    [
        state(np.random.PCG64, state=0, inc=0),
        state(np.random.PCG64, state=0),
        {**np.random.PCG64(2).state},
        np.random.PCG64(1).state,
        np.random.PCG64(1).advance(1 << 50).state,
    ],
    ids=("zeros for ever", "elsewhere", "another seed", "back to the start", "far away"),
)
def test_a_generator_moves_by_draws_and_by_nothing_else(moved: Any) -> None:
    ours, theirs = Ledger(), Borrower()
    generator = np.random.default_rng(1)
    generator.random(7)
    copy = read(frame(generator, ledger=ours), ledger=theirs)
    before = generator.bit_generator.state
    copy.bit_generator.state = moved
    ours.update(there(theirs.changes()))
    assert generator.bit_generator.state == before
    theirs.update(there(ours.changes()))
    assert copy.bit_generator.state == before
    copy.normal(size=1000), copy.integers(7, size=3, dtype=np.uint32), copy.bit_generator.advance(1 << 40)
    ours.update(there(theirs.changes()))
    assert generator.random() == copy.random()


def test_the_state_of_another_bit_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="another"):
        arrays.set_state(np.random.default_rng(1), state(np.random.Philox))


def test_a_reference_stands_for_what_is_no_value() -> None:
    sent = wire.encode([1, len, {"f": len}], lambda value: ("function", value.__name__), CAPS)
    assert wire.decode(sent[8:], lambda reference: reference, CAPS) == [
        1,
        ("function", "len"),
        {"f": ("function", "len")},
    ]
