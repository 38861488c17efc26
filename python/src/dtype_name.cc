// SPDX-License-Identifier: Apache-2.0

#include "dtype_name.h"

#include <format>
#include <string>

#include "errors.h"

namespace fovea::python {

namespace {

// "torch.float32" and "<class 'jax.numpy.bfloat16'>" end in the name too.
std::string name_of(nb::handle dtype) {
  if (PyUnicode_Check(dtype.ptr())) return nb::cast<std::string>(dtype);
  for (const char* attribute : {"name", "__name__"}) {
    if (!nb::hasattr(dtype, attribute)) continue;
    const nb::object name = dtype.attr(attribute);
    if (PyUnicode_Check(name.ptr())) return nb::cast<std::string>(name);
  }
  return nb::cast<std::string>(nb::str(dtype));
}

std::string known_names() {
  std::string names;
  for (std::size_t i = 1; i <= element_types; ++i)
    names += std::format("{}{}", i == 1 ? "" : ", ", to_string(static_cast<ElementType>(i)));
  return names;
}

}  // namespace

ElementType element_type_named(nb::handle dtype) {
  std::string name = name_of(dtype);
  name.erase(0, name.rfind('.') + 1);
  if (name == "float") name = "float64";
  if (name == "int") name = "int64";
  if (name == "bool_") name = "bool";
  if (const auto type = element_type_of(name)) return *type;
  raise(PyExc_ValueError, std::format("'{}' is no dtype of a value; there are {}", name, known_names()));
}

}  // namespace fovea::python
