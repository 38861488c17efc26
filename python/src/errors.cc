// SPDX-License-Identifier: Apache-2.0

#include "errors.h"

namespace fovea::python {

void raise(const Error& error) {
  const std::string_view fault = to_string(error.fault);
  const nb::object classes = nb::module_::import_("fovea._errors").attr("BY_FAULT");
  const nb::object type = classes[nb::str(fault.data(), fault.size())];
  PyErr_SetString(type.ptr(), error.message.c_str());
  throw nb::python_error();
}

void raise(PyObject* type, const std::string& sentence) {
  PyErr_SetString(type, sentence.c_str());
  throw nb::python_error();
}

std::string name_of_type(nb::handle object) {
  return nb::cast<std::string>(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(object.ptr()))).attr("__name__"));
}

}  // namespace fovea::python
