// SPDX-License-Identifier: Apache-2.0

// A key is looked at on every hit, so its type is compared by address and nothing is converted. A field of
// fovea.key is what C++'s KeyBuilder has a type for; what has none is refused rather than guessed, since two
// guesses would be two keys of one thing.
#include "key.h"

#include <nanobind/operators.h>

#include <array>
#include <format>

#include "errors.h"
#include "read_buffer.h"
#include "rgb_rows.h"

namespace fovea::python {

namespace {

Key key_of_bytes(nb::handle bytes) {
  const Py_ssize_t size = PyBytes_Size(bytes.ptr());
  Key key;
  if (size != static_cast<Py_ssize_t>(key.bytes.size()))
    raise(PyExc_ValueError, std::format("a key has 32 bytes; this one has {}", size));
  std::memcpy(key.bytes.data(), PyBytes_AsString(bytes.ptr()), key.bytes.size());
  return key;
}

nb::bytes bytes_of(const Key& key) { return nb::bytes(key.bytes.data(), key.bytes.size()); }

Key key_from_hex(std::string_view digits) {
  const auto key = Key::from_hex(digits);
  if (!key) raise(PyExc_ValueError, "a key in hexadecimal has 64 digits, 0 to 9 and a to f");
  return *key;
}

void add_integer(KeyBuilder& builder, nb::handle number) {
  const nb::object whole = nb::steal(PyNumber_Index(number.ptr()));
  if (!whole) throw nb::python_error();
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  if (overflow == 0) {
    if (value == -1 && PyErr_Occurred()) throw nb::python_error();
    builder.field(static_cast<std::int64_t>(value));
    return;
  }
  const unsigned long long large = PyLong_AsUnsignedLongLong(whole.ptr());
  if (PyErr_Occurred()) {
    PyErr_Clear();
    raise(PyExc_OverflowError, "an integer of a key has 64 bits at most: pass a larger one as text");
  }
  builder.field(static_cast<std::uint64_t>(large));
}

// A number of NumPy's is a buffer too, whose bytes would not be the key of the same number of Python's.
void add_buffer(KeyBuilder& builder, nb::handle object) {
  const ReadBuffer buffer(object, PyBUF_ND);  // contiguous, or an error
  if (buffer.view().ndim == 0) {
    if (PyIndex_Check(object.ptr())) return add_integer(builder, object);
    raise(PyExc_TypeError, std::format("a field of a key cannot be a {}: pass its .item()", name_of_type(object)));
  }
  const ReleaseFor released(buffer.bytes().size());
  builder.field(buffer.bytes());
}

void add_field(KeyBuilder& builder, nb::handle field) {
  PyObject* object = field.ptr();
  if (PyBool_Check(object)) {
    builder.field(object == Py_True);
  } else if (PyUnicode_Check(object)) {
    builder.field(nb::cast<std::string_view>(field));
  } else if (PyFloat_Check(object)) {
    builder.field(PyFloat_AsDouble(object));
  } else if (nb::isinstance<Key>(field)) {
    builder.field(ready<Key>(field));
  } else if (PyObject_CheckBuffer(object)) {
    add_buffer(builder, field);
  } else if (PyIndex_Check(object)) {
    add_integer(builder, field);
  } else {
    raise(PyExc_TypeError,
          std::format("a field of a key is a str, bytes or another buffer, an int, a bool, a float or a Key; got {}",
                      name_of_type(field)));
  }
}

Key make_key(std::string_view domain, nb::args fields) {
  KeyBuilder builder(domain);
  for (const nb::handle field : fields) add_field(builder, field);
  return builder.finish();
}

// The key of pixels, as C++'s image_key gives it.
Key pixels_key(nb::handle pixels) {
  const ReadBuffer buffer(pixels, PyBUF_RECORDS_RO);
  const RgbRows rows = RgbRows::of(buffer.view());
  const ReleaseFor released(rows.bytes());
  KeyBuilder builder("fovea/image/1");
  builder.field(rows.width()).field(rows.height()).field(RgbRows::channels);
  if (rows.is_plain()) return builder.field(rows.plain()).finish();
  return builder.field(rows.converted().bytes()).finish();
}

}  // namespace

Key key_of(nb::handle key) {
  static const PyObject* const type = nb::type<Key>().ptr();
  if (reinterpret_cast<PyObject*>(Py_TYPE(key.ptr())) == type) return ready<Key>(key);
  if (PyBytes_Check(key.ptr())) return key_of_bytes(key);
  raise(PyExc_TypeError,
        std::format("a key is a fovea.Key or its 32 bytes, and not {}: make one by fovea.key(domain, ...)",
                    name_of_type(key)));
}

void bind_key(nb::module_& module) {
  nb::class_<Key>(module, "Key", nb::is_final(), "256 bits that name a value.")
      .def(
          "__init__", [](Key* self, nb::bytes bytes) { new (self) Key(key_of_bytes(bytes)); }, nb::arg("bytes"))
      .def_static("from_hex", &key_from_hex, nb::arg("digits"), "The key of 64 hexadecimal digits.")
      .def("hex", &Key::hex, "64 lowercase hexadecimal digits.")
      .def("__bytes__", &bytes_of)
      .def("__hash__", [](const Key& key) { return static_cast<Py_ssize_t>(key.bits() >> 1); })
      .def("__repr__", [](const Key& key) { return "fovea.Key.from_hex('" + key.hex() + "')"; })
      .def("__str__", &Key::hex)
      .def("__reduce__", [](const Key& key) { return nb::make_tuple(nb::type<Key>(), nb::make_tuple(bytes_of(key))); })
      .def(nb::self == nb::self)
      .def(nb::self != nb::self)
      .def(nb::self < nb::self)
      .def(nb::self <= nb::self)
      .def(nb::self > nb::self)
      .def(nb::self >= nb::self);
  module.def("key", &make_key, nb::arg("domain"), nb::arg("fields"),
             "The key of a domain and typed fields, each framed by its type and length. Equal to C++'s KeyBuilder.");
  module.def("pixels_key", &pixels_key, nb::arg("pixels").none());
}

}  // namespace fovea::python
