/// Adversarial training and input transforms, for Python.
#include <ATen/ATen.h>
#include <pybind11/stl.h>
#include <torch/csrc/autograd/python_variable.h>
#include <torch/csrc/utils/pybind.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "leadline/robustness/attack.hpp"
#include "leadline/torch/mitigate/adversarial_training.hpp"
#include "leadline/torch/mitigate/defences.hpp"
#include "leadline/torch/mitigate/transforms.hpp"
#include "torch/bindings.hpp"
#include "torch/python_outputs.hpp"

namespace leadline::bindings {
namespace detail_mitigate {

using namespace mitigate;

/// A Python `nn.Module`: called as it is, so hooks and its mode count. Needs the GIL.
Trainee trainee_in(const py::object& net) {
  if (!py::isinstance(net, py::module_::import("torch.nn").attr("Module")))
    throw TypeError(
        "Trainee", "a torch.nn.Module to train", describe_python(net),
        "a black box or a function has no weights to harden: put a transform before it, "
        "or a detector beside it");
  return {torch_model_in(net, "Trainee"), [net](const at::Tensor& x) {
            const py::gil_scoped_acquire gil;
            const py::object out = net(x);
            if (THPVariable_Check(out.ptr())) return THPVariable_Unpack(out.ptr());
            throw TypeError("Trainee", "a module that returns logits [n, k]", describe_python(out),
                            "wrap it in one that returns the logits alone");
          }};
}

/// The threat of an attack made in Python, which has checked it.
const robustness::Threat& threat_of(const std::shared_ptr<Probe>& probe) {
  const auto* attack = dynamic_cast<const robustness::Attack*>(probe.get());
  if (attack == nullptr) throw TypeError("AdversarialTraining", "a threat", "another probe", "");
  return attack->recipe().threat;
}

using Step = std::optional<double>;

void bind_training(py::module_& m) {
  py::class_<Trainee>(m, "Trainee",
                      "A torch.nn.Module in training: as the loop calls it, and as attacks see it.")
      .def(py::init(&trainee_in), py::arg("net"));
  py::class_<AdversarialTraining>(m, "AdversarialTraining", "A loss of adversarial training.")
      .def("loss", &AdversarialTraining::loss, py::arg("trainee"), py::arg("x"), py::arg("y"),
           py::call_guard<py::gil_scoped_release>())
      .def_property_readonly("replays", &AdversarialTraining::replays)
      .def_property("calls", &AdversarialTraining::calls, &AdversarialTraining::set_calls);
  py::class_<PgdTraining, AdversarialTraining>(m, "PgdTraining",
                                               "See leadline.mitigate.PgdTraining.")
      .def(py::init(
               [](const std::shared_ptr<Probe>& like, int steps, Step step, std::uint64_t seed) {
                 return PgdTraining({threat_of(like), steps, step, seed});
               }),
           py::arg("like"), py::arg("steps"), py::arg("step_size"), py::arg("seed"));
  py::class_<TradesTraining, AdversarialTraining>(m, "TradesTraining",
                                                  "See leadline.mitigate.TradesTraining.")
      .def(py::init([](const std::shared_ptr<Probe>& like, int steps, Step step, double beta,
                       std::uint64_t seed) {
             return TradesTraining({threat_of(like), steps, step, beta, seed});
           }),
           py::arg("like"), py::arg("steps"), py::arg("step_size"), py::arg("beta"),
           py::arg("seed"));
  py::class_<FreeTraining, AdversarialTraining>(m, "FreeTraining",
                                                "See leadline.mitigate.FreeTraining.")
      .def(py::init([](const std::shared_ptr<Probe>& like, int replays) {
             return FreeTraining({threat_of(like), replays});
           }),
           py::arg("like"), py::arg("replays"));
  py::class_<OverfittingWatch>(m, "OverfittingWatch", R"(What `FastTraining.watch` saw.

`collapsed`, and the check that says so; `single_step_accuracy` and `pgd_accuracy`: shares of the
held-out rows left standing.)")
      .def_readonly("single_step_accuracy", &OverfittingWatch::single_step_accuracy)
      .def_readonly("pgd_accuracy", &OverfittingWatch::pgd_accuracy)
      .def_readonly("collapsed", &OverfittingWatch::collapsed)
      .def_readonly("check", &OverfittingWatch::check);
  py::class_<FastTraining, AdversarialTraining>(m, "FastTraining",
                                                "See leadline.mitigate.FastTraining.")
      .def(py::init([](const std::shared_ptr<Probe>& like, double share, int watch_steps,
                       std::uint64_t seed) {
             return std::make_unique<FastTraining>(
                 FastTrainingOptions{threat_of(like), share, watch_steps, seed});
           }),
           py::arg("like"), py::arg("step_share"), py::arg("watch_steps"), py::arg("seed"))
      .def("watch", &FastTraining::watch, py::arg("trainee"), py::arg("x"), py::arg("y"),
           py::call_guard<py::gil_scoped_release>());
}

void bind_transforms(py::module_& m) {
  m.def("bit_depth", &bit_depth, py::arg("x"), py::arg("bits"), py::arg("bounds") = Bounds{0, 1});
  m.def("median_filter", &median_filter, py::arg("x"), py::arg("size") = 3);
  m.def("jpeg_like", &jpeg_like, py::arg("x"), py::arg("quality") = 75,
        py::arg("bounds") = Bounds{0, 1});
  m.def("resize", &resize, py::arg("x"), py::arg("scale") = 0.5);
  m.def("with_rejection", &with_rejection, py::arg("logits"), py::arg("score"),
        py::arg("threshold"), py::arg("sharpness") = 1.0);
  m.def("rejection_threshold", &rejection_threshold, py::arg("scores"), py::arg("rate"));
}

Suspicion suspicion_in(const std::string& name) {
  const auto names = names_of(std::type_identity<Suspicion>{});
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw ValueError("Detector",
                     "score to be one of feature_squeezing, energy, confidence or a function of "
                     "(x, logits)",
                     "'" + name + "'", "use one of these");
  return static_cast<Suspicion>(found - names.begin());
}

void bind_defences(py::module_& m) {
  m.def(
      "smoothing_noise",
      [](const std::vector<std::int64_t>& shape, std::int64_t draws, double sigma,
         std::uint64_t seed) { return smoothing_noise(shape, draws, sigma, seed); },
      py::arg("shape"), py::arg("draws"), py::arg("sigma"), py::arg("seed"));
  m.def("vote_shares", &vote_shares, py::arg("scores"), py::arg("draws"));
  m.def(
      "suspicion",
      [](const std::string& score, const py::object& model, const at::Tensor& x,
         const at::Tensor& logits, Bounds bounds) {
        const Classifier called = [&model](const at::Tensor& at) {
          return model(at).cast<at::Tensor>();
        };
        return suspicion(suspicion_in(score), called, x, logits, bounds);
      },
      py::arg("score"), py::arg("model"), py::arg("x"), py::arg("logits"),
      py::arg("bounds") = Bounds{0, 1});
  m.def("rejection_sharpness", &rejection_sharpness, py::arg("scores"), py::arg("logits"));
}

}  // namespace detail_mitigate

void bind_mitigate(py::module_& m) {
  detail_mitigate::bind_training(m);
  detail_mitigate::bind_transforms(m);
  detail_mitigate::bind_defences(m);
}

}  // namespace leadline::bindings
