#include "leadline/core/finding.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "leadline/report/report.hpp"

namespace leadline::bindings {
namespace {

Check::Result result_in(const std::string& text) {
  return enum_in<Check::Result>(text, 3, "Check", "result");
}

// [h, w] or [h, w, c] of uint8: a picture is copied when it is flagged.
Image image_in(const py::object& object) {
  const Tensor host = tensor_in(object, "Exhibit", "an image").host();
  const bool flat = host.rank() == 2;
  if (host.dtype() != DType::u8 || (!flat && host.rank() != 3) ||
      (!flat && host.size(2) != 1 && host.size(2) != 3))
    throw ShapeError("Exhibit", "images as uint8 [height, width] or [height, width, 1 or 3]",
                     host.describe(), "scale to 0..255, cast to uint8, put the channels last");
  const auto* pixels = host.data<std::uint8_t>();
  return {static_cast<std::int32_t>(host.size(0)), static_cast<std::int32_t>(host.size(1)),
          flat ? 1 : static_cast<std::int32_t>(host.size(2)),
          std::vector<std::uint8_t>(pixels, pixels + host.n_elements())};
}

py::object image_out(const Image& image) {
  return py::array_t<std::uint8_t>({image.height, image.width, image.channels},
                                   image.pixels.data());
}

void bind_blocks(py::module_& m) {
  py::class_<Curve::Series>(m, "Series", "One line of a Curve.")
      .def(py::init([](std::string name, std::vector<double> x, std::vector<double> y,
                       std::vector<double> lower, std::vector<double> upper,
                       const std::string& style) {
             const auto kind = style == "line"   ? Curve::Series::line
                               : style == "step" ? Curve::Series::step
                               : style == "points"
                                   ? Curve::Series::points
                                   : throw ValueError("Series", "'line', 'step' or 'points'",
                                                      "'" + style + "'", "use one of these");
             return Curve::Series{std::move(name),  std::move(x),     std::move(y),
                                  std::move(lower), std::move(upper), kind};
           }),
           py::arg("name"), py::arg("x"), py::arg("y"), py::kw_only(),
           py::arg("lower") = std::vector<double>{}, py::arg("upper") = std::vector<double>{},
           py::arg("style") = "line")
      .def_readonly("name", &Curve::Series::name)
      .def_readonly("x", &Curve::Series::x)
      .def_readonly("y", &Curve::Series::y)
      .def_readonly("lower", &Curve::Series::lower)
      .def_readonly("upper", &Curve::Series::upper);
  py::class_<Curve>(m, "Curve", "One or more lines over a common x, with bands.")
      .def(py::init([](std::string title, std::vector<Curve::Series> series, std::string x_label,
                       std::string y_label, std::string note, bool log_x, bool diagonal,
                       double level) {
             return Curve{std::move(title),   std::move(x_label),
                          std::move(y_label), std::move(note),
                          std::move(series),  log_x,
                          diagonal,           level};
           }),
           py::arg("title"), py::arg("series"), py::kw_only(), py::arg("x_label") = "",
           py::arg("y_label") = "", py::arg("note") = "", py::arg("log_x") = false,
           py::arg("diagonal") = false, py::arg("level") = 0.95)
      .def_readonly("title", &Curve::title)
      .def_readonly("x_label", &Curve::x_label)
      .def_readonly("y_label", &Curve::y_label)
      .def_readonly("note", &Curve::note)
      .def_readonly("series", &Curve::series);
  py::class_<Grid>(m, "Grid", "A matrix: confusion counts or a heat map.")
      .def(
          py::init([](std::string title, std::vector<std::string> rows,
                      std::vector<std::string> cols, std::vector<double> values,
                      std::string row_label, std::string col_label, std::string note, bool counts) {
            if (values.size() != rows.size() * cols.size())
              throw ShapeError("Grid", "row_names x col_names values",
                               std::to_string(values.size()), "pass the matrix row by row");
            return Grid{
                std::move(title), std::move(row_label), std::move(col_label), std::move(note),
                std::move(rows),  std::move(cols),      std::move(values),    counts};
          }),
          py::arg("title"), py::arg("row_names"), py::arg("col_names"), py::arg("values"),
          py::kw_only(), py::arg("row_label") = "", py::arg("col_label") = "", py::arg("note") = "",
          py::arg("counts") = false)
      .def_readonly("title", &Grid::title)
      .def_readonly("row_names", &Grid::row_names)
      .def_readonly("col_names", &Grid::col_names)
      .def_property_readonly("values", [](const Grid& g) {
        return py::array_t<double>({g.row_names.size(), g.col_names.size()}, g.values.data());
      });
  py::class_<TableBlock>(m, "TableBlock", "A small table of facts.")
      .def(py::init([](std::string title, std::vector<std::string> columns,
                       std::vector<std::vector<TableBlock::Cell>> rows, std::string note) {
             for (const auto& row : rows)
               if (row.size() != columns.size())
                 throw ShapeError("TableBlock", std::to_string(columns.size()) + " cells a row",
                                  std::to_string(row.size()), "give one cell a column");
             return TableBlock{std::move(title), std::move(note), std::move(columns),
                               std::move(rows)};
           }),
           py::arg("title"), py::arg("columns"), py::arg("rows"), py::kw_only(),
           py::arg("note") = "")
      .def_readonly("title", &TableBlock::title)
      .def_readonly("note", &TableBlock::note)
      .def_readonly("columns", &TableBlock::columns)
      .def_readonly("rows", &TableBlock::rows);
}

void bind_exhibit(py::module_& m) {
  py::class_<Exhibit>(m, "Exhibit", "One sample shown to a person.")
      .def(py::init([](SampleId id, const std::string& kind, std::string title, std::string caption,
                       const std::vector<py::object>& images, std::vector<std::string> labels,
                       std::vector<double> overlay, std::vector<std::string> values,
                       double severity) {
             const auto which = kind == "image"    ? Exhibit::image
                                : kind == "tokens" ? Exhibit::tokens
                                : kind == "row"
                                    ? Exhibit::row
                                    : throw ValueError("Exhibit", "'image', 'tokens' or 'row'",
                                                       "'" + kind + "'", "use one of these");
             Exhibit out{which,
                         id,
                         std::move(title),
                         std::move(caption),
                         {},
                         std::move(labels),
                         std::move(overlay),
                         std::move(values),
                         severity};
             for (const auto& image : images) out.images.push_back(image_in(image));
             return out;
           }),
           py::arg("id"), py::kw_only(), py::arg("kind") = "image", py::arg("title") = "",
           py::arg("caption") = "", py::arg("images") = std::vector<py::object>{},
           py::arg("labels") = std::vector<std::string>{},
           py::arg("overlay") = std::vector<double>{},
           py::arg("values") = std::vector<std::string>{}, py::arg("severity") = 0.0)
      .def_readonly("id", &Exhibit::id)
      .def_readonly("title", &Exhibit::title)
      .def_readonly("caption", &Exhibit::caption)
      .def_readonly("labels", &Exhibit::labels)
      .def_readonly("overlay", &Exhibit::overlay)
      .def_readonly("values", &Exhibit::values)
      .def_readonly("severity", &Exhibit::severity)
      .def_property_readonly("images", [](const Exhibit& e) {
        py::list out;
        for (const auto& image : e.images) out.append(image_out(image));
        return out;
      });
}

void bind_small(py::module_& m) {
  py::class_<Named>(m, "Named", "An estimate as it stands in a finding.")
      .def_readonly("name", &Named::name)
      .def_readonly("estimate", &Named::estimate)
      .def_readonly("unit", &Named::unit)
      .def_readonly("label", &Named::label)
      .def_property_readonly("better",
                             [](const Named& n) { return std::string(name_of(n.better)); })
      .def("__repr__", [](const Named& n) { return n.name + ": " + n.estimate.text(); });
  py::class_<Check>(m, "Check", "A probe's test of its own validity.")
      .def(py::init([](std::string name, const std::string& result, std::string why,
                       std::string remedy, std::vector<std::string> applies_to, Estimate evidence,
                       std::optional<double> p_value) {
             return Check{
                 std::move(name),       result_in(result),   std::move(why), std::move(remedy),
                 std::move(applies_to), std::move(evidence), p_value};
           }),
           py::arg("name"), py::arg("result"), py::kw_only(), py::arg("why") = "",
           py::arg("remedy") = "", py::arg("applies_to") = std::vector<std::string>{"*"},
           py::arg("evidence") = Estimate(), py::arg("p_value") = py::none())
      .def_readonly("name", &Check::name)
      .def_property_readonly("result",
                             [](const Check& c) { return std::string(name_of(c.result)); })
      .def_readonly("why", &Check::why)
      .def_readonly("remedy", &Check::remedy)
      .def_readonly("applies_to", &Check::applies_to)
      .def_readonly("evidence", &Check::evidence)
      .def_readonly("p_value", &Check::p_value)
      .def("__repr__", [](const Check& c) {
        return "Check(" + c.name + ": " + std::string(name_of(c.result)) +
               (c.why.empty() ? "" : ", " + c.why) + ")";
      });
  py::class_<Flag>(m, "Flag", "A sample that a person should look at.")
      .def(py::init([](SampleId id, std::string reason, double severity) {
             return Flag{id, std::move(reason), severity};
           }),
           py::arg("id"), py::arg("reason"), py::arg("severity") = 0.0)
      .def_readonly("id", &Flag::id)
      .def_readonly("reason", &Flag::reason)
      .def_readonly("severity", &Flag::severity);
  py::class_<Remedy>(m, "Remedy", "A next step: in words, and as the call or page that takes it.")
      .def(py::init([](std::string text, std::string call) {
             return Remedy{std::move(text), std::move(call)};
           }),
           py::arg("text"), py::arg("call") = "")
      .def_readonly("text", &Remedy::text)
      .def_readonly("call", &Remedy::call);
  py::class_<Cost>(m, "Cost", "What a probe cost: seconds, rows forward and backward.")
      .def_readonly("seconds", &Cost::seconds)
      .def_readonly("forwards", &Cost::forwards)
      .def_readonly("backwards", &Cost::backwards)
      .def_readonly("peak_bytes", &Cost::peak_bytes);
}

std::vector<Check> doubts_of(const Finding& f, const std::string& name) {
  std::vector<Check> out;
  for (const auto* check : f.doubts(name)) out.push_back(*check);
  return out;
}

void bind_class(py::module_& m) {
  py::class_<Finding>(m, "Finding", R"(The answer of one probe, made of a closed set of blocks.

Example:
    >>> import leadline
    >>> f = leadline.Finding(headline="All is well")
    >>> _ = f.add("share", leadline.Estimate.rate(3, 4), better="higher")
    >>> f["share"].value
    0.75
)")
      .def(py::init([](std::string headline, std::string consequence, const std::string& status,
                       std::string why) {
             Finding f;
             f.headline = std::move(headline);
             f.consequence = std::move(consequence);
             f.status = status_in(status, "Finding");
             f.why = std::move(why);
             return f;
           }),
           py::kw_only(), py::arg("headline") = "", py::arg("consequence") = "",
           py::arg("status") = "ok", py::arg("why") = "")
      .def_readonly("probe", &Finding::probe, "Id, unique in the suite.")
      .def_readonly("kind", &Finding::kind, "Catalog name of the probe.")
      .def_readonly("question", &Finding::question)
      .def_property_readonly("status",
                             [](const Finding& f) { return std::string(name_of(f.status)); })
      .def_readonly("why", &Finding::why)
      .def_readwrite("headline", &Finding::headline)
      .def_readwrite("consequence", &Finding::consequence)
      .def_readonly("options", &Finding::options)
      .def_readonly("cost", &Finding::cost)
      .def_readwrite("remedies", &Finding::remedies)
      .def_readonly("estimates", &Finding::estimates)
      .def_readwrite("checks", &Finding::checks)
      .def_readwrite("blocks", &Finding::blocks)
      .def_readwrite("flags", &Finding::flags)
      .def_readwrite("warnings", &Finding::warnings)
      .def(
          "add",
          [](Finding& f, std::string name, Estimate estimate, const std::string& better,
             std::string label, std::string unit) {
            return f.add(std::move(name), std::move(estimate), better_in(better, "Finding.add"),
                         std::move(label), std::move(unit));
          },
          py::arg("name"), py::arg("estimate"), py::kw_only(), py::arg("better") = "neither",
          py::arg("label") = "", py::arg("unit") = "",
          "Appends an estimate. Raises ValueError on a duplicate name.")
      .def("add",
           [](const Finding&, const std::string& name, const py::object& other, const py::kwargs&) {
             throw TypeError("Finding.add", "'" + name + "' to be an Estimate", describe(other),
                             "say where the number comes from: Estimate.rate(k, n), "
                             "Estimate.of(value, n, method)");
           })
      .def(
          "add_check", [](Finding& f, Check c) { f.checks.push_back(std::move(c)); },
          py::arg("check"))
      .def(
          "add_block", [](Finding& f, Block b) { f.blocks.push_back(std::move(b)); },
          py::arg("block"), "A Curve, Grid, TableBlock or Exhibit.")
      .def(
          "add_flag", [](Finding& f, Flag flag) { f.flags.push_back(std::move(flag)); },
          py::arg("flag"))
      .def(
          "add_remedy", [](Finding& f, Remedy r) { f.remedies.push_back(std::move(r)); },
          py::arg("remedy"))
      .def(
          "warn", [](Finding& f, std::string text) { f.warnings.push_back(std::move(text)); },
          py::arg("text"))
      .def("doubts", &doubts_of, py::arg("name"), "The failed checks that cover an estimate.")
      .def("__getitem__", [](const Finding& f, const std::string& name) { return f.at(name); })
      .def("to_json", &finding_to_json)
      .def_static("from_json", &finding_from_json, py::arg("json"))
      .def(
          "save",
          [](const Finding& f, const py::object& path) {
            py::module_::import("leadline._display").attr("save_finding")(f, path);
          },
          py::arg("path"), "Writes .html with its plots, or .json, atomically. Raises StoreError.")
      .def("_repr_html_",
           [](const Finding& f) {
             return py::module_::import("leadline._display").attr("finding_fragment")(f);
           })
      .def("__repr__", [](const Finding& f) {
        return "Finding(" + f.probe + ": " + std::string(name_of(f.status)) +
               (f.headline.empty() ? "" : ", " + f.headline) + ")";
      });
}

}  // namespace

void bind_finding(py::module_& m) {
  bind_small(m);
  bind_blocks(m);
  bind_exhibit(m);
  bind_class(m);
  m.attr("MAX_EXHIBITS") = Finding::max_exhibits;
}

}  // namespace leadline::bindings
