// SPDX-License-Identifier: Apache-2.0

// The buffer protocol comes first: it is what bytes, NumPy and most libraries have. DLPack follows, for torch,
// and for elements that the buffer protocol has no name for. NumPy arrays of ml_dtypes' elements have neither;
// seen as integers of the same width they have the first.
#include "value_source.h"

#include <algorithm>
#include <cstring>
#include <format>
#include <optional>
#include <string>
#include <utility>

#include "array_view.h"
#include "dlpack.h"
#include "errors.h"
#include "read_buffer.h"
#include "value.h"

namespace fovea::python {

namespace {

using Array = ValueSource::Array;

constexpr const char* accepted =
    "a value is bytes-like, an array (NumPy, or anything with the buffer protocol), a tensor of the processor's memory "
    "(DLPack: torch, jax), a fovea.Buffer, or a tuple or list of these";

[[noreturn]] void refuse(nb::handle object) {
  const bool is_text = PyUnicode_Check(object.ptr());
  raise(PyExc_TypeError, std::format("{}; got {}{}", accepted, name_of_type(object),
                                     is_text ? ": encode it first (text.encode())" : ""));
}

// nullopt where the object has no buffer, or one of elements that the protocol has no name for.
std::optional<Array> from_buffer(nb::handle object, std::optional<ElementType> as = {}) {
  if (!PyObject_CheckBuffer(object.ptr())) return std::nullopt;
  std::shared_ptr<ReadBuffer> buffer;
  try {
    buffer = std::make_shared<ReadBuffer>(object, PyBUF_RECORDS_RO);
  } catch (nb::python_error&) {
    return std::nullopt;
  }
  const Py_buffer& view = buffer->view();
  const std::string_view format = view.format == nullptr ? "B" : view.format;
  const auto found = element_type_of_format(format, static_cast<std::size_t>(view.itemsize));
  if (!found) {
    if (nb::hasattr(object, "__dlpack__") && format.starts_with("E")) return std::nullopt;
    raise(PyExc_TypeError,
          std::format("{}; this {} has elements of the format '{}'", accepted, name_of_type(object), format));
  }
  const std::vector<Py_ssize_t> steps = steps_of(view);
  Array array{.shape = {.type = as.value_or(*found), .extents = {view.shape, view.shape + view.ndim}},
              .data = static_cast<const std::byte*>(view.buf),
              .steps = {steps.begin(), steps.end()},
              .owner = buffer};
  return array;
}

// A NumPy array of elements that NumPy knows through ml_dtypes alone.
std::optional<Array> from_foreign_elements(nb::handle object) {
  if (!nb::hasattr(object, "dtype") || !nb::hasattr(object, "view")) return std::nullopt;
  const nb::object dtype = object.attr("dtype");
  if (!nb::hasattr(dtype, "name") || !nb::hasattr(dtype, "itemsize")) return std::nullopt;
  const auto type = element_type_of(nb::cast<std::string>(nb::str(nb::object(dtype.attr("name")))));
  if (!type || buffer_format(*type) != nullptr) return std::nullopt;
  return from_buffer(object.attr("view")(element_bytes(*type) == 2 ? "uint16" : "uint8"), type);
}

std::optional<Array> from_dlpack(nb::handle object) {
  if (!nb::hasattr(object, "__dlpack__")) return std::nullopt;
  std::shared_ptr<BorrowedArray> borrowed;
  try {
    borrowed = std::make_shared<BorrowedArray>(BorrowedArray::of(object));
  } catch (nb::python_error& error) {
    // NumPy's word for elements such as dates. Others, of torch's gradients for example, say what to do.
    if (error.matches(PyExc_BufferError) && PyObject_CheckBuffer(object.ptr())) refuse(object);
    throw;
  }
  return Array{.shape = borrowed->shape(), .data = borrowed->data(), .steps = borrowed->steps(), .owner = borrowed};
}

Array array_of(nb::handle object) {
  if (auto array = from_buffer(object)) return *std::move(array);
  if (auto array = from_foreign_elements(object)) return *std::move(array);
  if (auto array = from_dlpack(object)) return *std::move(array);
  refuse(object);
}

bool is_sequence(nb::handle object) {
  if (nb::isinstance<Value>(object)) return ready<Value>(object).stored.is_sequence;
  return PyTuple_Check(object.ptr()) || PyList_Check(object.ptr());
}

// Copies the elements of the dimensions from `axis` on; returns where the next ones go.
std::byte* copy_elements(const Array& array, std::size_t axis, const std::byte* from, std::byte* to) {
  // How many bytes lie behind each other from here on.
  auto run = static_cast<std::int64_t>(element_bytes(array.shape.type));
  std::size_t inner = array.shape.extents.size();
  while (inner > axis && (array.steps[inner - 1] == run || array.shape.extents[inner - 1] == 1))
    run *= array.shape.extents[--inner];
  if (inner == axis) {
    std::memcpy(to, from, static_cast<std::size_t>(run));
    return to + run;
  }
  for (std::int64_t i = 0; i < array.shape.extents[axis]; ++i)
    to = copy_elements(array, axis + 1, from + i * array.steps[axis], to);
  return to;
}

}  // namespace

ValueSource ValueSource::of(nb::handle value, double expires_unix_ms) {
  ValueSource source;
  source.facts_.expires_unix_ms = expires_unix_ms;
  source.facts_.is_sequence = is_sequence(value);
  if (source.facts_.is_sequence) {
    for (const nb::handle item : value) source.arrays_.push_back(array_of(item));
  } else {
    source.arrays_.push_back(array_of(value));
  }
  for (const Array& array : source.arrays_) source.facts_.arrays.push_back(array.shape);
  source.layout_ = taken(ValueLayout::of(source.facts_));
  return source;
}

void ValueSource::write(std::span<std::byte> payload) const {
  layout_.write_around(facts_, payload);
  for (std::size_t i = 0; i < arrays_.size(); ++i) {
    if (layout_.bytes(i) > 0) copy_elements(arrays_[i], 0, arrays_[i].data, payload.data() + layout_.offset(i));
  }
}

}  // namespace fovea::python
