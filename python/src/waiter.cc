// SPDX-License-Identifier: Apache-2.0

#include "waiter.h"

#include "errors.h"

namespace fovea::python {

namespace {

PyObject* variable = nullptr;                       // the context variable, as long as the module
std::atomic<PyObject*> get_running_loop = nullptr;  // of asyncio, once a loop computes something

constexpr const char* circle =
    "compute asked for a key whose value waits for this computation, or get_or_compute blocks the event loop that "
    "computes what it waits for: it would wait for itself. Ask for keys in one order, or outside of computations, and "
    "await aget_or_compute on a loop";

}  // namespace

// Where it ends at this very moment, an edge may stay until the wait is over. That refuses nobody: no key
// waits for a computation that has ended.
void Waiter::begin(const Waiter& other) {
  if (!ended_ && !WaitGraph::here().add(node_, other.node_)) raise({Fault::invalid, circle, {}});
}

Waiter* current_computation(nb::object& holder) {
  holder = nb::handle(variable).attr("get")();
  Waiter* waiter = nullptr;
  return nb::try_cast<Waiter*>(holder, waiter) ? waiter : nullptr;
}

nb::object enter_computation(nb::handle computation) { return nb::handle(variable).attr("set")(computation); }

void leave_computation(nb::handle restores) {
  try {
    nb::handle(variable).attr("reset")(restores);
  } catch (nb::python_error& error) {  // compute came back in another context, which is not ours to restore
    error.discard_as_unraisable("fovea");
  }
}

nb::object running_loop() {
  PyObject* const get = get_running_loop.load(std::memory_order_acquire);
  return get == nullptr ? nb::none() : nb::handle(get)();
}

void bind_waiter(nb::module_& module) {
  variable = nb::module_::import_("contextvars")
                 .attr("ContextVar")("fovea_computation", nb::arg("default") = nb::none())
                 .release()
                 .ptr();
  module.attr("_computation") = nb::borrow(variable);
  module.def(
      "_watch_loops",
      [](nb::object get) {
        PyObject* none = nullptr;
        if (get_running_loop.compare_exchange_strong(none, get.ptr())) get.release();
      },
      nb::arg("get_running_loop"));
  nb::class_<Waiter>(module, "_Waiter", "Who waits for others, or is waited for.")
      .def(nb::init<>())
      .def_static("of_loop", [](nb::handle loop) { return new Waiter(WaitNode::at(loop.ptr()), Waiter::Kind::loop); })
      .def("begin", &Waiter::begin, nb::arg("other"))
      .def("finish", &Waiter::finish, nb::arg("other"))
      .def("end", &Waiter::end);
}

}  // namespace fovea::python
