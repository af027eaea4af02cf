/// Tests of behaviour and texts as rows; leadline.robustness.behaviour is what people call.
#include "core/behaviour.hpp"

#include <pybind11/stl.h>

#include "leadline/robustness/expectations.hpp"
#include "leadline/robustness/text_rows.hpp"

namespace leadline::bindings {
namespace {

using robustness::Changed;
using robustness::Expectation;
using robustness::Expectations;

// change(x, ids, key, feature names) -> (x, applies or None, target or None)
robustness::Change change_in(const py::object& given, const std::string& name) {
  if (given.is_none()) return {};
  return [function = hold(given),
          who = "Expectation['" + name + "'].change"](const robustness::ChangeContext& context) {
    return called(who, "call the change on a batch of inputs to see why", [&] {
      const py::object out = py::handle(function.get())(
          array_out(context.batch.inputs.primary), ids_out(context.batch.ids), context.random.key(),
          context.data.feature_names);
      const auto parts = out.cast<py::tuple>();
      Changed changed{Inputs(tensor_in(parts[0], who, "the changed inputs").host(),
                             context.batch.inputs.extras)};
      if (!parts[1].is_none()) changed.applies = parts[1].cast<std::vector<std::uint8_t>>();
      if (!parts[2].is_none()) changed.target = tensor_in(parts[2], who, "the target");
      return changed;
    });
  };
}

std::shared_ptr<Expectations> make_expectations(const py::list& tests, std::int64_t min_samples,
                                                const std::string& version) {
  std::vector<Expectation> all;
  for (const py::handle& test : tests) {
    const auto fields = test.cast<py::dict>();
    const auto name = fields["name"].cast<std::string>();
    Expectation one;
    one.name = name;
    one.kind = named_in<robustness::ExpectationKind>(fields["kind"].cast<std::string>(),
                                                     "Expectation.kind");
    one.change = change_in(fields["change"], name);
    if (!fields["cases"].is_none())
      one.cases = fields["cases"].cast<std::shared_ptr<const Dataset>>();
    one.tolerance = fields["tolerance"].cast<double>();
    one.expect =
        named_in<robustness::Expect>(fields["expect"].cast<std::string>(), "Expectation.expect");
    one.of_class = fields["of_class"].is_none() ? -1 : fields["of_class"].cast<std::int64_t>();
    one.max_failure_rate = fields["max_failure_rate"].cast<double>();
    all.push_back(std::move(one));
  }
  return std::make_shared<Expectations>(std::move(all),
                                        robustness::ExpectationsOptions{min_samples, version});
}

}  // namespace

void bind_behaviour(py::module_& m) {
  py::classh<Expectations, Probe>(m, "Expectations", "See leadline.robustness.Expectations.")
      .def(py::init(&make_expectations), py::arg("tests"), py::kw_only(),
           py::arg("min_samples") = 30, py::arg("version") = "");
  m.def(
      "text_rows",
      [](const std::vector<std::string>& texts) { return array_out(robustness::text_rows(texts)); },
      py::arg("texts"));
  m.def(
      "texts_of",
      [](const py::object& rows) {
        return robustness::texts_of(tensor_in(rows, "texts_of", "rows"));
      },
      py::arg("rows"));
  m.def("fill_template", &robustness::fill_template, py::arg("pattern"), py::arg("slots"));
}

}  // namespace leadline::bindings
