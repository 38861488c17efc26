// SPDX-License-Identifier: Apache-2.0

#include "value.h"

#include <algorithm>
#include <cstring>
#include <format>
#include <memory>
#include <utility>

#include "array_view.h"
#include "base/units.h"
#include "dlpack.h"
#include "errors.h"
#include "read_buffer.h"

namespace fovea::python {

namespace {

std::string shape_text(const ArrayShape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.extents.size(); ++i)
    text += std::format("{}{}", i == 0 ? "" : ", ", shape.extents[i]);
  return text + (shape.extents.size() == 1 ? ",)" : ")");
}

nb::tuple shape_of(const Value& value) {
  const ArrayShape& shape = one_array(value).shape;
  nb::list extents;
  for (const std::int64_t extent : shape.extents) extents.append(extent);
  return nb::tuple(extents);
}

nb::str dtype_of(const Value& value) {
  const std::string_view name = to_string(one_array(value).shape.type);
  return nb::str(name.data(), name.size());
}

std::string repr_of(const Value& value) {
  if (value.stored.is_sequence) {
    return std::format("<fovea.Value of {} arrays, {}>", value.stored.arrays.size(), format_bytes(value.bytes()));
  }
  const ArrayShape& shape = value.stored.arrays[0].shape;
  return std::format("<fovea.Value {} {}, {}>", to_string(shape.type), shape_text(shape), format_bytes(value.bytes()));
}

Py_ssize_t length_of(const Value& value) {
  if (value.stored.is_sequence) return static_cast<Py_ssize_t>(value.stored.arrays.size());
  const auto& extents = value.stored.arrays[0].shape.extents;
  if (extents.empty()) raise(PyExc_TypeError, "an array without dimensions has no length");
  return extents[0];
}

Value item_of(const Value& value, Py_ssize_t index) {
  if (!value.stored.is_sequence)
    raise(PyExc_TypeError, "this value is one array: use np.asarray(value)[...] or memoryview(value)[...]");
  const auto count = static_cast<Py_ssize_t>(value.stored.arrays.size());
  if (index < 0) index += count;
  if (index < 0 || index >= count) raise(PyExc_IndexError, std::format("the value has {} arrays", count));
  return {.payload = value.payload,
          .stored = {.is_sequence = false, .arrays = {value.stored.arrays[static_cast<std::size_t>(index)]}},
          .is_whole = false};
}

nb::bytes bytes_of(const Value& value) {
  const auto bytes = one_array(value).bytes;
  return nb::bytes(bytes.data(), bytes.size());
}

bool is_equal(const Value& one, const Value& other) {
  return one.stored.is_sequence == other.stored.is_sequence &&
         std::ranges::equal(one.stored.arrays, other.stored.arrays, [](const StoredArray& a, const StoredArray& b) {
           return a.shape == b.shape && a.bytes.size() == b.bytes.size() &&
                  (a.bytes.empty() || std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0);
         });
}

// With another value by what both hold; with a buffer as memoryview does.
nb::object equals(const Value& value, nb::handle other) {
  if (nb::isinstance<Value>(other)) {
    const Value& second = ready<Value>(other);
    const ReleaseFor released(value.bytes());
    return nb::bool_(is_equal(value, second));
  }
  if (value.stored.is_sequence || !PyObject_CheckBuffer(other.ptr())) return nb::borrow(Py_NotImplemented);
  const nb::object view = nb::steal(PyMemoryView_FromObject(nb::cast(value).ptr()));
  if (!view) throw nb::python_error();
  return nb::steal(PyObject_RichCompare(view.ptr(), other.ptr(), Py_EQ));
}

void* writable(std::span<const std::byte> bytes) { return const_cast<std::byte*>(bytes.data()); }

nb::object dlpack_of(const Value& value, nb::handle stream, nb::handle max_version, nb::handle dl_device,
                     nb::handle copy) {
  const StoredArray& array = one_array(value);
  check_dlpack_request(stream, dl_device, copy, false);
  return lend_dlpack(array.shape, writable(array.bytes), std::make_shared<const Blob>(value.payload), true,
                     max_version);
}

// The bytes of one array as another value, which the buffer protocol has a name for.
Value as_bytes(const Value& value) {
  const auto bytes = one_array(value).bytes;
  const ArrayShape shape{.type = ElementType::uint8, .extents = {static_cast<std::int64_t>(bytes.size())}};
  return {.payload = value.payload, .stored = {.is_sequence = false, .arrays = {{shape, bytes}}}, .is_whole = false};
}

// For elements that NumPy itself does not know; all others come through the buffer protocol.
nb::object array_of(nb::handle self, nb::handle dtype, nb::handle copy) {
  const Value& value = ready<Value>(self);
  const ArrayShape& shape = one_array(value).shape;
  const nb::module_ numpy = nb::module_::import_("numpy");
  nb::object array;
  if (buffer_format(shape.type) != nullptr) {
    array = numpy.attr("asarray")(nb::steal(PyMemoryView_FromObject(self.ptr())));
  } else {
    const nb::object types = nb::module_::import_("ml_dtypes");  // which has them
    array = numpy.attr("frombuffer")(as_bytes(value), types.attr(std::string(to_string(shape.type)).c_str()))
                .attr("reshape")(shape_of(value));
  }
  if (!dtype.is_none()) array = array.attr("astype")(dtype, nb::arg("copy") = false);
  if (!copy.is_none() && nb::cast<bool>(copy)) array = array.attr("copy")();
  return array;
}

nb::bytes state_of(const Value& value) {
  if (!value.is_whole)
    raise(PyExc_TypeError, "one array of a value is not pickled by itself: pickle the value, or bytes()");
  return nb::bytes(value.payload.bytes().data(), value.payload.size());
}

Value from_state(nb::bytes payload) {
  auto value = Value::of(Blob::copy_of(std::string_view(static_cast<const char*>(payload.data()), payload.size())));
  if (!value) raise({Fault::corrupt, "these bytes are no value", {}});
  return *std::move(value);
}

int get_buffer(PyObject* exporter, Py_buffer* view, int flags) {
  view->obj = nullptr;
  if (!nb::inst_ready(exporter)) {
    PyErr_SetString(PyExc_BufferError, "this value was made by __new__ alone");
    return -1;
  }
  const Value& value = *nb::inst_ptr<Value>(exporter);
  if (value.stored.is_sequence) {
    PyErr_SetString(PyExc_BufferError, "this value is a sequence of arrays: take one by its index");
    return -1;
  }
  const StoredArray& array = value.stored.arrays[0];
  return fill_array_view(view, flags, exporter, array.shape, writable(array.bytes), array.bytes.size(), true);
}

void release_buffer(PyObject*, Py_buffer* view) { release_array_view(view); }

PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
                       {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
                       {0, nullptr}};

}  // namespace

std::optional<Value> Value::of(Blob payload) {
  auto stored = read_value(payload.bytes());
  if (!stored) return std::nullopt;
  return Value{std::move(payload), *std::move(stored), true};
}

std::uint64_t Value::bytes() const {
  std::uint64_t bytes = 0;
  for (const StoredArray& array : stored.arrays) bytes += array.bytes.size();
  return bytes;
}

const StoredArray& one_array(const Value& value) {
  if (value.stored.is_sequence) {
    raise(PyExc_TypeError,
          std::format("this value is a sequence of {} arrays: take one by its index", value.stored.arrays.size()));
  }
  return value.stored.arrays[0];
}

void bind_value(nb::module_& module) {
  nb::class_<Value>(module, "Value", nb::is_final(), nb::type_slots(slots),
                    "What was found: read-only memory of one array, or a sequence of such.")
      .def_prop_ro("nbytes", &Value::bytes)
      .def_prop_ro("dtype", &dtype_of)
      .def_prop_ro("shape", &shape_of)
      .def_prop_ro("is_sequence", [](const Value& value) { return value.stored.is_sequence; })
      .def("__len__", &length_of)
      .def("__getitem__", &item_of, nb::arg("index"))
      .def("__bool__", [](const Value&) { return true; })
      .def("__bytes__", &bytes_of)
      .def("__repr__", &repr_of)
      .def("__eq__", &equals, nb::arg("other"))
      .def("__hash__",
           [](const Value&) -> Py_ssize_t { raise(PyExc_TypeError, "a Value is not hashable: use its key"); })
      .def("__dlpack__", &dlpack_of, nb::kw_only(), nb::arg("stream") = nb::none(), nb::arg("max_version") = nb::none(),
           nb::arg("dl_device") = nb::none(), nb::arg("copy") = nb::none())
      .def("__dlpack_device__", [](const Value&) { return nb::make_tuple(1, 0); })
      .def("__array__", &array_of, nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none())
      .def("__reduce__",
           [](const Value& value) {
             return nb::make_tuple(nb::module_::import_("fovea._values").attr("value_of"),
                                   nb::make_tuple(state_of(value)));
           })
      .def_static("_from_state", &from_state, nb::arg("payload"));
}

}  // namespace fovea::python
