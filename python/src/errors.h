// SPDX-License-Identifier: Apache-2.0

// Errors of the library as Python's exceptions: those of fovea/_errors.py, with the same sentence.
#pragma once

#include <string>
#include <utility>

#include "fovea/result.h"
#include "python.h"

namespace fovea::python {

// Raises the class of the error's fault.
[[noreturn]] void raise(const Error& error);
// Raises `type`, a builtin one such as PyExc_TypeError.
[[noreturn]] void raise(PyObject* type, const std::string& sentence);

// The value of `result`, or its error raised.
template <typename T>
T taken(Result<T> result) {
  if (!result) raise(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// The C++ object of an instance of T; TypeError where __init__ was never called.
template <typename T>
T& ready(nb::handle instance) {
  if (!nb::inst_ready(instance)) raise(PyExc_TypeError, "this object was made by __new__ alone: call its type");
  return *nb::inst_ptr<T>(instance);
}

// The name of an object's type, for sentences.
std::string name_of_type(nb::handle object);

}  // namespace fovea::python
