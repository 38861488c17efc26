// SPDX-License-Identifier: Apache-2.0

#include "buffer.h"

#include <algorithm>
#include <format>

#include "array_view.h"
#include "dlpack.h"
#include "dtype_name.h"
#include "errors.h"

namespace fovea::python {

namespace {

std::vector<std::int64_t> extents_of(nb::handle shape) {
  if (PyIndex_Check(shape.ptr())) return {nb::cast<std::int64_t>(shape)};
  if (!nb::isinstance<nb::tuple>(shape) && !nb::isinstance<nb::list>(shape)) {
    // torch.Size and the like
    if (!PySequence_Check(shape.ptr()) || PyUnicode_Check(shape.ptr()))
      raise(PyExc_TypeError, std::format("a shape is an int or a tuple of ints; got {}", name_of_type(shape)));
  }
  std::vector<std::int64_t> extents;
  for (const nb::handle extent : shape) {
    if (!PyIndex_Check(extent.ptr())) raise(PyExc_TypeError, "a shape is an int or a tuple of ints");
    extents.push_back(nb::cast<std::int64_t>(extent));
  }
  return extents;
}

Buffer make_buffer(nb::handle shape, nb::handle dtype) {
  return {taken(BufferMemory::make({.type = element_type_named(dtype), .extents = extents_of(shape)}))};
}

nb::tuple shape_of(const Buffer& buffer) {
  nb::list extents;
  for (const std::int64_t extent : buffer.memory->shape().extents) extents.append(extent);
  return nb::tuple(extents);
}

nb::object dlpack_of(const Buffer& buffer, nb::handle stream, nb::handle max_version, nb::handle dl_device,
                     nb::handle copy) {
  check_dlpack_request(stream, dl_device, copy, false);
  const bool may_write = buffer.memory->lend();
  const std::shared_ptr<const void> owner(static_cast<const void*>(buffer.memory.get()),
                                          [memory = buffer.memory](const void*) { memory->give_back(); });
  return lend_dlpack(buffer.memory->shape(), buffer.memory->elements().data(), owner, !may_write, max_version);
}

int get_buffer(PyObject* exporter, Py_buffer* view, int flags) {
  view->obj = nullptr;
  if (!nb::inst_ready(exporter)) {
    PyErr_SetString(PyExc_BufferError, "this buffer was made by __new__ alone: call fovea.empty");
    return -1;
  }
  BufferMemory& memory = *nb::inst_ptr<Buffer>(exporter)->memory;
  const bool may_write = memory.lend();
  const std::span<std::byte> elements = memory.elements();
  const int failed =
      fill_array_view(view, flags, exporter, memory.shape(), elements.data(), elements.size(), !may_write);
  if (failed != 0) memory.give_back();
  return failed;
}

void release_buffer(PyObject* exporter, Py_buffer* view) {
  release_array_view(view);
  nb::inst_ptr<Buffer>(exporter)->memory->give_back();
}

PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
                       {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
                       {0, nullptr}};

std::string repr_of(const Buffer& buffer) {
  return std::format("<fovea.Buffer {} {}{}>", to_string(buffer.memory->shape().type),
                     nb::cast<std::string>(nb::repr(shape_of(buffer))), buffer.memory->frozen() ? ", frozen" : "");
}

}  // namespace

void bind_buffer(nb::module_& module) {
  nb::class_<Buffer>(module, "Buffer", nb::is_final(), nb::type_slots(slots),
                     "Memory to fill and to store without a copy; storing it freezes it.")
      .def_prop_ro("nbytes", [](const Buffer& buffer) { return buffer.memory->elements().size(); })
      .def_prop_ro("dtype",
                   [](const Buffer& buffer) {
                     const std::string_view name = to_string(buffer.memory->shape().type);
                     return nb::str(name.data(), name.size());
                   })
      .def_prop_ro("shape", &shape_of)
      .def_prop_ro("frozen", [](const Buffer& buffer) { return buffer.memory->frozen(); })
      .def("__repr__", &repr_of)
      .def("__dlpack__", &dlpack_of, nb::kw_only(), nb::arg("stream") = nb::none(), nb::arg("max_version") = nb::none(),
           nb::arg("dl_device") = nb::none(), nb::arg("copy") = nb::none())
      .def("__dlpack_device__", [](const Buffer&) { return nb::make_tuple(1, 0); });
  module.def("empty", &make_buffer, nb::arg("shape").none(), nb::arg("dtype").none() = "float32",
             "Writable memory of Fovea's, not initialised. Storing it freezes it and copies nothing.");
}

}  // namespace fovea::python
