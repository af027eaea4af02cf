/// Progress and signals of a run: the GIL is taken at most ten times a second.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "core/bindings.hpp"
#include "core/python_object.hpp"
#include "leadline/core/progress.hpp"

namespace leadline::bindings {

/// Called by the engine without the GIL. A signal handler that raises stops the run; the report so
/// far is returned.
class Pump {
 public:
  Pump(const py::object& callback, CancelToken cancel)
      : callback_(callback.is_none() ? nullptr : bindings::hold(callback)),
        cancel_(std::move(cancel)) {}

  void operator()(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    const bool last = progress.total > 0 && progress.done >= progress.total;
    if (now - before_ < std::chrono::milliseconds(100) && !(last && stage_ != progress.stage))
      return;
    before_ = now;
    stage_ = last ? std::string(progress.stage) : std::string();
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) {
      PyErr_Clear();
      cancel_.cancel();
    }
    if (!callback_) return;
    try {
      py::handle(callback_.get())(std::string(progress.stage), progress.done, progress.total,
                                  progress.seconds);
    } catch (py::error_already_set& error) {
      if (error.matches(PyExc_KeyboardInterrupt)) {
        cancel_.cancel();
        return;
      }
      rethrow(error, "progress", "a callable (stage, done, total, seconds)", "fix it");
    }
  }

 private:
  std::shared_ptr<PyObject> callback_;
  CancelToken cancel_;
  std::chrono::steady_clock::time_point before_{};
  std::string stage_;
};

}  // namespace leadline::bindings
