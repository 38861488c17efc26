# SPDX-License-Identifier: Apache-2.0

"""Keys: the same as C++'s, plain values, and nothing guessed. image_key: one picture, one key."""

import array
import io
import pickle
import tempfile
import unittest
from pathlib import Path

import fovea

try:
    import numpy as np
except ImportError:
    np = None
try:
    from PIL import Image
except ImportError:
    Image = None


class Keys(unittest.TestCase):
    def test_keys_are_those_of_cpp(self):
        # tests/base/key_test.cc has the same values.
        self.assertEqual(fovea.key("").hex(), "7f31207b6b43aba78e8c5d446676f6514acc311ca968b8389fc93897c67a921e")
        inner = fovea.key("")
        key = fovea.key("fovea/test/2", "text", -1, 2**64 - 1, 0.5, True, b"\0\xff", inner)
        self.assertEqual(key.hex(), "afa4dac2ed168c35269d34f2541d548ff887e65df062c8e1a4ee46c8c613ca88")

    def test_fields_are_framed_and_typed(self):
        different = [
            ("a", "b"), ("ab",), ("a", "b", ""), (b"ab",), (1,), (1.0,), (True,), (0,), (False,), ("1",), (-1,), (2**63,), (2.5,),
            (fovea.key("x"),), (),
        ]
        self.assertEqual(len({fovea.key("d", *fields) for fields in different}), len(different))
        self.assertNotEqual(fovea.key("d"), fovea.key("e"))
        self.assertEqual(fovea.key("d", 0.0), fovea.key("d", -0.0))

    def test_buffers_of_equal_bytes_are_equal_fields(self):
        key = fovea.key("d", b"\1\2\3\4")
        for same in (bytearray(b"\1\2\3\4"), memoryview(b"\1\2\3\4"), array.array("B", [1, 2, 3, 4])):
            self.assertEqual(fovea.key("d", same), key)

    @unittest.skipIf(np is None, "numpy is not installed")
    def test_numpy(self):
        numbers = np.arange(6, dtype="float32").reshape(2, 3)
        self.assertEqual(fovea.key("d", numbers), fovea.key("d", numbers.tobytes()))
        self.assertEqual(fovea.key("d", np.int64(5)), fovea.key("d", 5))
        self.assertEqual(fovea.key("d", np.float64(0.5)), fovea.key("d", 0.5))
        for unclear in (np.float32(0.5), np.bool_(True)):
            with self.assertRaisesRegex(TypeError, r"\.item\(\)"):
                fovea.key("d", unclear)

    def test_what_is_no_field_is_refused(self):
        for wrong in (None, [1], {}, object(), 1j):
            with self.assertRaisesRegex(TypeError, "a field of a key is"):
                fovea.key("d", wrong)
        with self.assertRaisesRegex(OverflowError, "64 bits"):
            fovea.key("d", 2**64)
        with self.assertRaises(OverflowError):
            fovea.key("d", -(2**63) - 1)

    def test_a_key_is_a_plain_value(self):
        key = fovea.key("d", 1)
        self.assertEqual(fovea.Key.from_hex(key.hex()), key)
        self.assertEqual(fovea.Key(bytes(key)), key)
        self.assertEqual(eval(repr(key)), key)
        self.assertEqual(str(key), key.hex())
        self.assertEqual(pickle.loads(pickle.dumps(key)), key)
        self.assertEqual(len({key, fovea.Key(bytes(key))}), 1)
        self.assertEqual(sorted([fovea.Key(b"\2" * 32), fovea.Key(b"\1" * 32)])[0], fovea.Key(b"\1" * 32))
        self.assertFalse(key == bytes(key))
        for wrong in ("zz", "0" * 63, "0" * 65):
            with self.assertRaisesRegex(ValueError, "64 digits"):
                fovea.Key.from_hex(wrong)
        with self.assertRaisesRegex(ValueError, "32 bytes"):
            fovea.Key(b"short")


class ImageKeys(unittest.TestCase):
    def test_it_is_that_of_cpp(self):
        # tests/image/decoded_image_test.cc has the same value.
        pixels = memoryview(bytes(range(6))).cast("B", (1, 2, 3))
        self.assertEqual(fovea.image_key(pixels).hex(), "f94933573a1ba3d42fe0bfed47a167668a94e67e86d0adefe0f9d0b1b61a5445")

    def test_what_is_no_picture_is_refused(self):
        with self.assertRaisesRegex(ValueError, "an image is an array of"):
            fovea.image_key(memoryview(bytes(8)).cast("B", (2, 2, 2)))
        with self.assertRaisesRegex(TypeError, "uint8"):
            fovea.image_key(array.array("f", [1.0]))

    @unittest.skipIf(np is None, "numpy is not installed")
    def test_bytes_have_no_order(self):
        pixels = memoryview(bytes(range(6))).cast("B", (1, 2, 3))
        self.assertEqual(fovea.image_key(np.array(pixels).view("<u1")), fovea.image_key(pixels))

    @unittest.skipIf(np is None, "numpy is not installed")
    def test_arrays_of_any_strides_and_channels(self):
        random = np.random.default_rng(1)
        pixels = random.integers(0, 256, (5, 7, 3), dtype="uint8")
        key = fovea.image_key(pixels)
        self.assertEqual(fovea.image_key(np.asfortranarray(pixels)), key)
        self.assertEqual(fovea.image_key(np.concatenate([pixels, pixels], 1)[:, :7]), key)
        opaque = np.concatenate([pixels, np.full((5, 7, 1), 255, "uint8")], 2)
        self.assertEqual(fovea.image_key(opaque), key)
        clear = np.concatenate([pixels, np.zeros((5, 7, 1), "uint8")], 2)
        self.assertEqual(fovea.image_key(clear), fovea.image_key(np.full((5, 7, 3), 255, "uint8")))
        grey = random.integers(0, 256, (5, 7), dtype="uint8")
        self.assertEqual(fovea.image_key(grey), fovea.image_key(np.stack([grey] * 3, 2)))
        self.assertNotEqual(fovea.image_key(pixels), fovea.image_key(pixels.reshape(7, 5, 3)))

    @unittest.skipIf(np is None or Image is None, "numpy or Pillow is not installed")
    def test_files_bytes_paths_and_pictures_are_one(self):
        pixels = np.random.default_rng(2).integers(0, 256, (6, 4, 3), dtype="uint8")
        key = fovea.image_key(pixels)
        image = Image.fromarray(pixels)
        self.assertEqual(fovea.image_key(image), key)
        file = io.BytesIO()
        image.save(file, "PNG")
        self.assertEqual(fovea.image_key(file.getvalue()), key)
        self.assertEqual(fovea.image_key(bytearray(file.getvalue())), key)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture.png"
            path.write_bytes(file.getvalue())
            self.assertEqual(fovea.image_key(path), key)
            self.assertEqual(fovea.image_key(str(path)), key)
        with self.assertRaises(FileNotFoundError):
            fovea.image_key("/nowhere/picture.png")

    @unittest.skipIf(np is None or Image is None, "numpy or Pillow is not installed")
    def test_pictures_are_upright_and_on_white(self):
        pixels = np.random.default_rng(3).integers(0, 256, (6, 4, 3), dtype="uint8")
        turned = Image.fromarray(np.ascontiguousarray(np.rot90(pixels)))  # needs a quarter clockwise
        exif = Image.Exif()
        exif[0x0112] = 6
        file = io.BytesIO()
        turned.save(file, "PNG", exif=exif)
        self.assertEqual(fovea.image_key(file.getvalue()), fovea.image_key(pixels))
        palette = Image.fromarray(pixels).quantize(8)
        palette.info["transparency"] = palette.getpixel((0, 0))
        white = np.asarray(palette.convert("RGBA"))
        self.assertEqual(fovea.image_key(palette), fovea.image_key(white))
        with self.assertRaisesRegex(ValueError, "8 bits"):
            fovea.image_key(Image.new("I;16", (3, 3)))


if __name__ == "__main__":
    unittest.main()
