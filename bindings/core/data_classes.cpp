#include "core/data_classes.hpp"

#include <pybind11/stl.h>
#include <pybind11/trampoline_self_life_support.h>

#include <sstream>

#include "core/bindings.hpp"
#include "core/enums.hpp"
#include "core/python_object.hpp"
#include "leadline/core/error.hpp"

namespace leadline::bindings {
namespace {

/// "Dataset('data', 600 images of [1, 28, 28], 10 classes, bounds [0, 1])".
std::string dataset_text(const Dataset& data) {
  const DataInfo about = data.info();
  std::ostringstream text;
  text << "Dataset('" << about.name << "', ";
  text << (about.size ? std::to_string(*about.size) : "a stream of") << " "
       << (about.modality == Modality::image  ? "images"
           : about.modality == Modality::text ? "texts"
                                              : "rows");
  const auto* made = dynamic_cast<const MadeDataset*>(&data);
  const auto* held = dynamic_cast<const TensorDataset*>(made ? made->inner.get() : &data);
  if (held != nullptr && about.size.value_or(0) > 0) {  // in memory: one row costs nothing
    const auto shape = held->batch(std::vector<SampleId>{0}).inputs.primary.shape();
    text << " of " << shape_text(shape.subspan(1));
  }
  if (!about.class_names.empty()) text << ", " << about.class_names.size() << " classes";
  if (about.bounds)
    text << ", bounds [" << about.bounds->first << ", " << about.bounds->second << "]";
  text << ")";
  return text.str();
}

DataInfo info_in(const py::dict& given) {
  DataInfo info;
  for (const auto& [key_object, value] : given) {
    const auto key = key_object.cast<std::string>();
    if (key == "name")
      info.name = value.cast<std::string>();
    else if (key == "modality")
      info.modality = modality_in(value.cast<std::string>(), "DataInfo");
    else if (key == "size")
      info.size = value.cast<std::optional<std::int64_t>>();
    else if (key == "random_access")
      info.random_access = value.cast<bool>();
    else if (key == "fingerprint")
      info.fingerprint = value.cast<std::string>();
    else if (key == "class_names")
      info.class_names = value.cast<std::vector<std::string>>();
    else if (key == "bounds")
      info.bounds = value.cast<std::optional<std::pair<double, double>>>();
    else if (key == "feature_names")
      info.feature_names = value.cast<std::vector<std::string>>();
    else
      throw ValueError("DataInfo",
                       "fields name, modality, size, random_access, fingerprint, class_names, "
                       "bounds, feature_names",
                       "'" + key + "'", "drop it");
  }
  return info;
}

// A batch as Python code may give it: Batch, (x, y), (x, y, table), or x alone.
Batch batch_in(const py::object& value, std::vector<SampleId> ids, const std::string& who) {
  if (py::isinstance<Batch>(value)) return value.cast<const Batch&>();
  Batch batch;
  batch.ids = std::move(ids);
  if (py::isinstance<py::tuple>(value) || py::isinstance<py::list>(value)) {
    const auto parts = py::reinterpret_borrow<py::sequence>(value);
    if (parts.size() < 1 || parts.size() > 3)
      throw TypeError(who, "a Batch or (inputs, target) or (inputs, target, table)",
                      describe(value), "return one of these");
    batch.inputs = inputs_in(parts[0], who);
    if (parts.size() > 1) batch.target = tensor_in(parts[1], who, "the target");
    if (parts.size() > 2 && !parts[2].is_none()) batch.table = table_in(parts[2], who);
  } else {
    batch.inputs = inputs_in(value, who);
  }
  if (batch.ids.empty())
    for (std::int64_t i = 0; i < batch.inputs.primary.size(0); ++i) batch.ids.push_back(i);
  return batch;
}

void check_rows(const Batch& batch, std::int64_t n, const std::string& who) {
  const auto rows = batch.inputs.primary.size(0);
  if (!batch.inputs.primary.defined() || rows != n || batch.size() != n ||
      (batch.target.defined() && batch.target.size(0) != n))
    throw ShapeError(
        who, std::to_string(n) + " rows of inputs and target, as asked",
        std::to_string(rows) + " inputs" +
            (batch.target.defined() ? " and " + std::to_string(batch.target.size(0)) + " targets"
                                    : std::string()),
        "return one row for each id, in that order");
}

// Cuts whatever batches a Python iterator gives into pieces of at most n.
class IteratorCursor final : public Dataset::Cursor {
 public:
  IteratorCursor(const py::object& iterable, SampleId first, std::string who)
      : iterator_(bindings::hold(iterable.attr("__iter__")())),
        next_id_(first),
        who_(std::move(who)) {}

  std::optional<Batch> next(std::int64_t n) override {
    if (at_ == pending_.size() && !refill()) return std::nullopt;
    const auto take = std::min(n, pending_.size() - at_);
    Batch out;
    out.ids.assign(pending_.ids.begin() + at_, pending_.ids.begin() + at_ + take);
    out.inputs.primary = pending_.inputs.primary.rows(at_, take);
    for (const auto& [name, tensor] : pending_.inputs.extras)
      out.inputs.extras[name] = tensor.rows(at_, take);
    if (pending_.target.defined()) out.target = pending_.target.rows(at_, take);
    if (pending_.table) {
      std::vector<std::int64_t> rows;
      for (std::int64_t i = 0; i < take; ++i) rows.push_back(at_ + i);
      out.table = pending_.table->take(rows);
    }
    at_ += take;
    return out;
  }

 private:
  bool refill() {
    const py::gil_scoped_acquire gil;
    try {
      PyObject* item = PyIter_Next(iterator_.get());
      if (!item) {
        if (PyErr_Occurred()) throw py::error_already_set();
        return false;
      }
      pending_ = batch_in(py::reinterpret_steal<py::object>(item), {}, who_);
      if (!pending_.inputs.primary.defined() || pending_.inputs.primary.rank() == 0)
        throw ShapeError(who_, "batches of inputs [n, ...]", "a single number", "add a batch axis");
      const auto n = pending_.inputs.primary.size(0);
      if (pending_.size() != n) check_rows(pending_, n, who_);
      for (auto& id : pending_.ids) id = next_id_++;
      at_ = 0;
      return n > 0 || refill();
    } catch (py::error_already_set& error) {
      rethrow(error, who_, "the batch from sample " + std::to_string(next_id_) + " on",
              "fix the data source, or leave that sample out", true);
    }
  }

  std::shared_ptr<PyObject> iterator_;
  SampleId next_id_;
  std::string who_;
  Batch pending_;
  std::int64_t at_ = 0;
};

struct PyDataset final : Dataset, py::trampoline_self_life_support {
  DataInfo info() const override {
    const py::gil_scoped_acquire gil;
    try {
      const py::object given = required<Dataset>(this, "info")();
      return py::isinstance<DataInfo>(given) ? given.cast<DataInfo>()
                                             : info_in(given.cast<py::dict>());
    } catch (py::error_already_set& error) {
      rethrow(error, name() + ".info", "a DataInfo or a dict of its fields", "fix info()");
    } catch (const py::cast_error&) {
      throw TypeError(name() + ".info", "a DataInfo or a dict of its fields", "another type",
                      "return {'size': n, ...}");
    }
  }
  Batch batch(std::span<const SampleId> ids) const override {
    const py::gil_scoped_acquire gil;
    const std::string who = name() + ".batch";
    try {
      const py::object given = required<Dataset>(this, "batch")(ids_out(ids));
      Batch out = batch_in(given, {ids.begin(), ids.end()}, who);
      check_rows(out, std::ssize(ids), who);
      return out;
    } catch (py::error_already_set& error) {
      const auto n = std::to_string(ids.size());
      rethrow(error, who,
              ids.empty() ? "0 samples" : n + " samples from id " + std::to_string(ids.front()),
              "fix the data source, or leave that sample out", true);
    }
  }
  std::unique_ptr<Cursor> open(SampleId first) const override {
    const py::gil_scoped_acquire gil;
    const py::function own = override_of<Dataset>(this, "open");
    if (!own) return Dataset::open(first);
    try {
      return std::make_unique<IteratorCursor>(own(first), first, name() + ".open");
    } catch (py::error_already_set& error) {
      rethrow(error, name() + ".open", "an iterator over batches", "fix open()", true);
    }
  }

 private:
  std::string name() const { return class_name<Dataset>(this); }
};

// C++ cursors as Python iterators.
struct Reader {
  std::shared_ptr<Dataset> data;
  std::unique_ptr<Dataset::Cursor> cursor;
  std::int64_t batch_size;
};

std::shared_ptr<Dataset> tensor_dataset(const py::object& inputs, const py::object& target,
                                        const py::object& table, const std::string& name,
                                        const std::optional<std::string>& modality,
                                        std::vector<std::string> class_names,
                                        std::optional<std::pair<double, double>> bounds,
                                        std::vector<std::string> feature_names) {
  TensorDataset::Options options;
  options.name = name;
  if (modality) options.modality = modality_in(*modality, "Dataset");
  options.class_names = std::move(class_names);
  options.bounds = bounds;
  options.feature_names = std::move(feature_names);
  return std::make_shared<TensorDataset>(
      inputs_in(inputs, "Dataset"), tensor_in(target, "Dataset", "the target"), std::move(options),
      table.is_none() ? nullptr : table_in(table, "Dataset"));
}

void bind_info(py::module_& m) {
  py::class_<DataInfo>(m, "DataInfo", "Static facts of a data set.")
      .def(py::init([](const py::kwargs& fields) { return info_in(fields); }))
      .def_readonly("name", &DataInfo::name)
      .def_property_readonly("modality",
                             [](const DataInfo& i) { return std::string(name_of(i.modality)); })
      .def_readonly("size", &DataInfo::size, "Number of samples; None for an uncounted stream.")
      .def_readonly("random_access", &DataInfo::random_access)
      .def_readonly("fingerprint", &DataInfo::fingerprint)
      .def_readonly("class_names", &DataInfo::class_names)
      .def_readonly("bounds", &DataInfo::bounds)
      .def_readonly("feature_names", &DataInfo::feature_names);
}

}  // namespace

void bind_dataset_classes(py::module_& m) {
  bind_info(m);
  py::class_<Reader>(m, "_Reader")
      .def("__iter__", [](py::object self) { return self; })
      .def("__next__", [](Reader& r) {
        auto batch = r.cursor->next(r.batch_size);
        if (!batch) throw py::stop_iteration();
        return *batch;
      });
  py::classh<Dataset, PyDataset>(m, "Dataset", R"(Samples with stable ids.

`Dataset(x, y, ...)` takes NumPy arrays, torch tensors, a pandas DataFrame, a torch `Dataset` or
`DataLoader`, or the path of a .npz file; see `leadline.data.make_dataset` for every option.
Subclass it for your own source: define `info()` and `batch(ids)`, or `open(first)` for a stream.

Example:
    >>> import leadline, numpy
    >>> data = leadline.Dataset(numpy.zeros((4, 3)), [0, 1, 0, 1], class_names=["no", "yes"])
    >>> len(data), data.info().class_names
    (4, ['no', 'yes'])
)")
      .def(py::init(
          [](const py::args& args, const py::kwargs& options) -> std::shared_ptr<Dataset> {
            const py::tuple made =
                py::module_::import("leadline.data").attr("_make")(*args, **options);
            return std::make_shared<MadeDataset>(made[0].cast<std::shared_ptr<Dataset>>(),
                                                 made[1].cast<std::string>());
          },
          [](const py::args&, const py::kwargs&) { return new PyDataset; }))
      .def("info", &Dataset::info)
      .def_property_readonly("array_kind",
                             [](const Dataset& d) {
                               const auto* made = dynamic_cast<const MadeDataset*>(&d);
                               return made ? made->array_kind : std::string("numpy");
                             })
      .def(
          "batch",
          [](const Dataset& d, const py::object& ids) {
            const auto wanted = ids_in(ids, "Dataset.batch");
            return d.batch(wanted);
          },
          py::arg("ids"), "The samples `ids`, in this order.")
      .def(
          "open",
          [](std::shared_ptr<Dataset> d, SampleId first, std::int64_t batch_size) {
            auto cursor = d->open(first);
            return Reader{std::move(d), std::move(cursor), batch_size};
          },
          py::arg("first") = 0, py::arg("batch_size") = 128, "Batches from sample `first` on.")
      .def("__repr__", &dataset_text)
      .def("__len__", [](const Dataset& d) {
        const auto size = d.info().size;
        if (!size)
          throw TypeError("len(Dataset)", "a counted data set", "a stream", "use info().size");
        return *size;
      });
  // A subclass's own `info()` may give a dict; this is what the engine sees.
  m.def(
      "data_info", [](const Dataset& d) { return d.info(); }, py::arg("data"));
  m.def("_tensor_dataset", &tensor_dataset, py::arg("inputs"), py::arg("target"), py::kw_only(),
        py::arg("table") = py::none(), py::arg("name") = "data", py::arg("modality") = py::none(),
        py::arg("class_names") = std::vector<std::string>{}, py::arg("bounds") = py::none(),
        py::arg("feature_names") = std::vector<std::string>{});
}

}  // namespace leadline::bindings
