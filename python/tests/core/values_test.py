# SPDX-License-Identifier: Apache-2.0

"""What goes in and comes out: the buffer protocol, NumPy, DLPack, sequences; read-only, and where it lies."""

import array
import ctypes
import gc
import pickle
import unittest

import fovea
from cache_suite import address_of, key

try:
    import numpy as np
except ImportError:
    np = None
try:
    import torch
except ImportError:
    torch = None
try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

NUMPY_TYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
               "complex64", "complex128")


def through(value, cache=None):
    cache = cache if cache is not None else fovea.Store("64MiB")
    cache[key(1)] = value
    return cache[key(1)]


class Buffers(unittest.TestCase):
    def test_bytes_and_their_like(self):
        for value in (b"", b"bytes", bytearray(b"bytes"), memoryview(b"bytes")[::2], array.array("d", [1.5, 2.5])):
            found = through(value)
            self.assertEqual(bytes(found), bytes(value))
            self.assertEqual(found, value)
            self.assertEqual(found.nbytes, memoryview(value).nbytes)
            self.assertEqual(memoryview(found).tolist(), memoryview(value).tolist())
        self.assertEqual((through(b"abc").dtype, through(b"abc").shape), ("uint8", (3,)))
        self.assertEqual(through(array.array("d", [1.5])).dtype, "float64")

    def test_arrays_of_ctypes_which_name_no_strides(self):
        self.assertEqual(memoryview(through((ctypes.c_float * 4)(1, 2, 3, 4))).tolist(), [1, 2, 3, 4])
        self.assertEqual(memoryview(through((ctypes.c_int32 * 2 * 3)((1, 2), (3, 4), (5, 6)))).tolist(), [[1, 2], [3, 4], [5, 6]])
        pixels = (ctypes.c_uint8 * 3 * 2 * 1)()
        self.assertEqual(fovea.image_key(pixels), fovea.image_key(memoryview(bytes(6)).cast("B", (1, 2, 3))))

    def test_objects_that_were_never_made_are_refused(self):
        level = fovea.Level("1MiB")
        for unmade in (fovea.Buffer.__new__(fovea.Buffer), fovea.Value.__new__(fovea.Value)):
            with self.assertRaises((TypeError, BufferError)):
                level[key(1)] = unmade
            with self.assertRaises((TypeError, BufferError)):
                memoryview(unmade)
        for use in (lambda made: level.get(made), lambda made: fovea.key("d", made)):
            with self.assertRaisesRegex(TypeError, "__new__"):
                use(fovea.Key.__new__(fovea.Key))

    def test_it_is_read_only(self):
        view = memoryview(through(b"abc"))
        self.assertTrue(view.readonly)
        with self.assertRaises(TypeError):
            view[0] = 1

    def test_a_value_of_a_single_array_is_no_sequence(self):
        value = through(b"abc")
        self.assertFalse(value.is_sequence)
        self.assertEqual(len(value), 3)
        with self.assertRaisesRegex(TypeError, "one array"):
            value[0]
        with self.assertRaisesRegex(TypeError, "not hashable"):
            hash(value)
        self.assertTrue(through(b""))
        self.assertRegex(repr(value), r"<fovea.Value uint8 \(3,\), 3 B>")

    def test_sequences(self):
        for value in ((b"one", array.array("i", [1, 2])), [b"one", array.array("i", [1, 2])]):
            found = through(value)
            self.assertTrue(found.is_sequence)
            self.assertEqual(len(found), 2)
            self.assertEqual(found[0], b"one")
            self.assertEqual(memoryview(found[-1]).tolist(), [1, 2])
            self.assertEqual([item.dtype for item in found], ["uint8", "int32"])
            self.assertEqual(found.nbytes, 11)
            with self.assertRaises(IndexError):
                found[2]
            for attribute in ("dtype", "shape"):
                with self.assertRaisesRegex(TypeError, "take one by its index"):
                    getattr(found, attribute)
            with self.assertRaises((BufferError, TypeError)):
                memoryview(found)
        self.assertEqual(len(through(())), 0)
        self.assertEqual([bytes(item) for item in through(through((b"a", b"b")))], [b"a", b"b"])
        with self.assertRaisesRegex(fovea.TooLargeError, "4096 arrays"):
            through([b"x"] * 5000)

    def test_equality(self):
        self.assertEqual(through((b"a", b"b")), through([b"a", b"b"]))
        self.assertNotEqual(through(b"a"), through((b"a",)))
        self.assertNotEqual(through(b"a"), through(b"b"))
        self.assertNotEqual(through(array.array("i", [1])), through(array.array("I", [1])))
        self.assertNotEqual(through(b"a"), "a")

    def test_pickling_copies(self):
        for value in (through(b"abc"), through((b"a", array.array("d", [1])))):
            self.assertEqual(pickle.loads(pickle.dumps(value)), value)
        with self.assertRaises(TypeError):
            pickle.dumps(through((b"a",))[0])
        with self.assertRaises(fovea.CorruptError):
            fovea.Value._from_state(b"no value")

    def test_an_item_keeps_its_value_alive(self):
        item = through((b"x" * 100_000, b"y" * 100_000), fovea.Level("1MiB"))[1]
        gc.collect()
        self.assertEqual(bytes(item), b"y" * 100_000)


class Buffer(unittest.TestCase):
    def test_shapes_and_types(self):
        self.assertEqual((fovea.empty(3).shape, fovea.empty(3).dtype), ((3,), "float32"))
        self.assertEqual(fovea.empty((), "int8").nbytes, 1)
        self.assertEqual(fovea.empty([2, 3], float).dtype, "float64")
        for wrong, error in ((("2",), TypeError), (((-1,),), ValueError), (((1 << 50,),), ValueError), ((2, "float7"), ValueError),
                             ((2, "object"), ValueError)):
            with self.assertRaises(error, msg=wrong):
                fovea.empty(*wrong)

    def test_it_is_written_through_views(self):
        buffer = fovea.empty((2, 2), "int32")
        with memoryview(buffer) as view:
            view[0, 0], view[0, 1], view[1, 0], view[1, 1] = 1, 2, 3, 4
        self.assertEqual(memoryview(through(buffer)).tolist(), [[1, 2], [3, 4]])
        with self.assertRaises(TypeError):
            memoryview(buffer)[0, 0] = 5

    def test_two_stores_share_or_copy_it(self):
        buffer = fovea.empty(1000, "uint8")
        with memoryview(buffer) as view:
            view[:] = bytes(range(250)) * 4
        level, store, other = fovea.Level("1MiB"), fovea.Store("1MiB"), fovea.Store("1MiB")
        for cache in (level, store, other):
            cache[key(1)] = buffer
        self.assertEqual(address_of(memoryview(level[key(1)])), address_of(memoryview(store[key(1)])))
        self.assertNotEqual(address_of(memoryview(other[key(1)])), address_of(memoryview(store[key(1)])))
        self.assertEqual(other[key(1)], store[key(1)])
        del buffer
        gc.collect()
        self.assertEqual(bytes(level[key(1)])[:3], b"\0\1\2")

    def test_a_part_of_a_sequence_is_copied(self):
        buffer = fovea.empty(3, "uint8")
        with memoryview(buffer) as view:
            view[:] = b"abc"
        self.assertEqual(through((buffer, b"d"))[0], b"abc")
        self.assertFalse(buffer.frozen)


@unittest.skipIf(np is None, "numpy is not installed")
class Numpy(unittest.TestCase):
    def test_every_type_and_shape(self):
        for dtype in NUMPY_TYPES:
            for shape in ((), (0,), (5,), (2, 3), (2, 0, 3), (1, 2, 3, 4)):
                value = np.random.default_rng(1).integers(0, 2, shape).astype(dtype)
                found = np.asarray(through(value))
                self.assertEqual((found.dtype, found.shape), (value.dtype, value.shape))
                np.testing.assert_array_equal(found, value)
                self.assertFalse(found.flags.writeable)

    def test_any_strides(self):
        base = np.arange(2 * 3 * 4 * 5, dtype="int32").reshape(2, 3, 4, 5)
        for value in (base.T, base[::-1], base[:, ::2, ::-1], base[..., 1], np.broadcast_to(base[0, 0, 0], (3, 5)),
                      np.asfortranarray(base), base[:, :1], base[:, :0]):
            np.testing.assert_array_equal(np.asarray(through(value)), value)

    def test_nothing_is_copied(self):
        level = fovea.Level("64MiB")
        level[key(1)] = np.zeros(2_500_000, "float32")
        addresses = {np.asarray(level[key(1)]).ctypes.data for _ in range(5)}
        self.assertEqual(len(addresses), 1)
        found = np.asarray(level[key(1)])
        del level
        gc.collect()
        self.assertEqual(found.sum(), 0)

    def test_what_has_no_place_is_named(self):
        for value in (np.array([object()]), np.array(["text"]), np.zeros(3, ">f4"), np.zeros(3, "datetime64[s]"),
                      np.zeros(2, [("a", "i4")])):
            with self.assertRaisesRegex(TypeError, "a value is bytes-like", msg=value.dtype):
                through(value)

    def test_a_buffer_is_filled_by_numpy(self):
        buffer = fovea.empty((3, 4), np.float64)
        filled = np.asarray(buffer)
        filled[:] = np.arange(12).reshape(3, 4)
        with self.assertRaisesRegex(BufferError, "1 views"):
            through(buffer)
        del filled
        np.testing.assert_array_equal(np.asarray(through(buffer)), np.arange(12).reshape(3, 4))

    @unittest.skipIf(ml_dtypes is None, "ml_dtypes is not installed")
    def test_elements_that_numpy_does_not_know(self):
        for dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2):
            value = np.arange(6).reshape(2, 3).astype(dtype)
            found = through(value)
            self.assertEqual(found.dtype, np.dtype(dtype).name)
            back = np.asarray(found)
            self.assertEqual(back.dtype, value.dtype)
            np.testing.assert_array_equal(back.astype("float32"), value.astype("float32"))

    def test_dlpack(self):
        value = np.arange(6, dtype="float32").reshape(2, 3)
        found = through(value)
        self.assertEqual(found.__dlpack_device__(), (1, 0))
        back = np.from_dlpack(found)
        np.testing.assert_array_equal(back, value)
        self.assertEqual(back.ctypes.data, np.asarray(found).ctypes.data)
        for refused in ({"stream": 1}, {"dl_device": (2, 0)}, {"copy": True}):
            with self.assertRaises((ValueError, BufferError)):
                found.__dlpack__(**refused)
        del found  # what was lent keeps the bytes
        gc.collect()
        np.testing.assert_array_equal(back, value)

    def test_a_capsule_that_nobody_uses_is_released(self):
        level = fovea.Level("1MiB")
        level[key(1)] = np.zeros(1000, "uint8")
        for version in (None, (1, 1)):
            capsule = level[key(1)].__dlpack__(max_version=version)
            self.assertIn("dltensor", repr(capsule))
            del capsule
        level.clear()
        gc.collect()
        self.assertEqual(level.stats().in_use_bytes, 0)


@unittest.skipIf(torch is None, "torch is not installed")
class Torch(unittest.TestCase):
    def test_every_type(self):
        for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool, torch.complex64):
            tensor = torch.arange(12).reshape(3, 4).to(dtype)
            found = through(tensor)
            self.assertEqual(f"torch.{found.dtype}", str(dtype))
            back = torch.from_dlpack(found)
            self.assertEqual(back.dtype, dtype)
            self.assertTrue(torch.equal(back, tensor))
            self.assertEqual(back.data_ptr(), torch.from_dlpack(found).data_ptr())

    def test_any_strides(self):
        tensor = torch.arange(24).reshape(2, 3, 4)
        for value in (tensor.permute(2, 0, 1), tensor[:, ::2], tensor.expand(5, 2, 3, 4)):
            self.assertTrue(torch.equal(torch.from_dlpack(through(value)), value))

    def test_gradients_are_refused(self):
        with self.assertRaises((BufferError, RuntimeError)):
            through(torch.zeros(3, requires_grad=True))

    def test_a_buffer_is_filled_by_torch(self):
        buffer = fovea.empty((2, 3), torch.bfloat16)
        filled = torch.from_dlpack(buffer)
        filled.fill_(2)
        with self.assertRaises(BufferError):
            through(buffer)
        del filled
        gc.collect()
        self.assertTrue(torch.equal(torch.from_dlpack(through(buffer)), torch.full((2, 3), 2, dtype=torch.bfloat16)))


if __name__ == "__main__":
    unittest.main()
