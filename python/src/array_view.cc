// SPDX-License-Identifier: Apache-2.0

#include "array_view.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace fovea::python {

namespace {

// In the order of ElementType. What has none is used through DLPack, or as bytes.
constexpr std::array<const char*, element_types + 1> formats{
    nullptr, "?", "b", "h", "i", "l", "B", "H", "I", "L", "e", "f", "d", nullptr, "Zf", "Zd", nullptr, nullptr};

// Of a view: what its consumer reads until it is released.
struct Extents {
  std::vector<Py_ssize_t> shape, strides;
};

Extents extents_of(const ArrayShape& array) {
  Extents extents{{array.extents.begin(), array.extents.end()}, std::vector<Py_ssize_t>(array.extents.size())};
  auto step = static_cast<Py_ssize_t>(element_bytes(array.type));
  for (std::size_t i = extents.shape.size(); i-- > 0;) {
    extents.strides[i] = step;
    step *= std::max<Py_ssize_t>(extents.shape[i], 1);
  }
  return extents;
}

int refused(const char* sentence) {
  PyErr_SetString(PyExc_BufferError, sentence);
  return -1;
}

bool asks(int flags, int what) { return (flags & what) == what; }

}  // namespace

const char* buffer_format(ElementType type) { return formats[static_cast<std::size_t>(type)]; }

std::optional<ElementType> element_type_of_format(std::string_view format, std::size_t itemsize) {
  if (format.size() > 1 && (format[0] == '@' || format[0] == '=' || format[0] == '<')) format.remove_prefix(1);
  const auto of = [&](std::string_view letters,
                      std::initializer_list<ElementType> types) -> std::optional<ElementType> {
    if (format.size() != 1 || !letters.contains(format[0])) return std::nullopt;
    for (const ElementType type : types) {
      if (element_bytes(type) == itemsize) return type;
    }
    return std::nullopt;
  };
  using enum ElementType;
  if (format == "Zf" && itemsize == 8) return complex64;
  if (format == "Zd" && itemsize == 16) return complex128;
  if (auto type = of("?", {boolean})) return type;
  if (auto type = of("bhilqn", {int8, int16, int32, int64})) return type;
  if (auto type = of("BcHILQN", {uint8, uint16, uint32, uint64})) return type;
  return of("efd", {float16, float32, float64});
}

std::vector<Py_ssize_t> steps_of(const Py_buffer& view) {
  if (view.strides != nullptr) return {view.strides, view.strides + view.ndim};
  std::vector<Py_ssize_t> steps(static_cast<std::size_t>(view.ndim));
  Py_ssize_t step = view.itemsize;
  for (std::size_t i = steps.size(); i-- > 0;) {
    steps[i] = step;
    step *= std::max<Py_ssize_t>(view.shape[i], 1);
  }
  return steps;
}

int fill_array_view(Py_buffer* view, int flags, PyObject* exporter, const ArrayShape& shape, void* data,
                    std::size_t bytes, bool is_read_only) {
  view->obj = nullptr;
  if (is_read_only && asks(flags, PyBUF_WRITABLE))
    return refused("what Fovea stores is read-only: copy it to change it");
  const char* format = buffer_format(shape.type);
  if (asks(flags, PyBUF_FORMAT) && format == nullptr) {
    return refused("the buffer protocol has no name for these elements: use torch.from_dlpack(value), or its bytes");
  }
  if (asks(flags, PyBUF_F_CONTIGUOUS) && !asks(flags, PyBUF_C_CONTIGUOUS) && shape.extents.size() > 1)
    return refused("what Fovea stores has C order");
  auto extents = std::make_unique<Extents>(extents_of(shape));
  view->buf = data;
  view->len = static_cast<Py_ssize_t>(bytes);
  view->readonly = is_read_only ? 1 : 0;
  view->itemsize = static_cast<Py_ssize_t>(element_bytes(shape.type));
  view->format = asks(flags, PyBUF_FORMAT) ? const_cast<char*>(format) : nullptr;
  view->ndim = static_cast<int>(shape.extents.size());
  view->shape = asks(flags, PyBUF_ND) ? extents->shape.data() : nullptr;
  view->strides = asks(flags, PyBUF_STRIDES) ? extents->strides.data() : nullptr;
  view->suboffsets = nullptr;
  view->internal = extents.release();
  view->obj = Py_NewRef(exporter);
  return 0;
}

void release_array_view(Py_buffer* view) { delete static_cast<Extents*>(view->internal); }

}  // namespace fovea::python
