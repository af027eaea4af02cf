#include <ATen/ATen.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"
#include "torch/models/archive.hpp"

namespace leadline::detail::aoti {

using namespace models;  // NOLINT: names of the room this file belongs to
using Loader = ::torch::inductor::AOTIModelPackageLoader;

/// What a package says of its inputs: how many go by position, and the names of the others in the
/// order the package takes them.
struct CallSpec {
  std::size_t n_positional = 0;
  std::vector<std::string> keywords;
};

/// Reads the tree of (positional, keywords) that torch.export writes: [version, {children_spec:
/// [{children_spec: [...]}, {context: "[\"mask\"]"}]}]. Another form: nothing is known.
CallSpec call_spec(Loader& loader) {
  using nlohmann::json;
  CallSpec spec;
  try {
    const auto texts = loader.get_call_spec();
    const json tree = json::parse(texts.at(0)).at(1).at("children_spec");
    const std::string names = tree.at(1).at("context").get<std::string>();
    spec.keywords = json::parse(names).get<std::vector<std::string>>();
    spec.n_positional = tree.at(0).at("children_spec").size();
  } catch (const std::exception&) {
    return {};
  }
  return spec;
}

class PackageModel final : public TorchModel {
 public:
  PackageModel(std::unique_ptr<Loader> loader, TorchOptions options)
      : loader_(std::move(loader)), options_(std::move(options)) {
    const auto facts = loader_->get_metadata();
    if (const auto found = facts.find("AOTI_DEVICE_KEY"); found != facts.end() && !options_.device)
      options_.device = at::Device(found->second);
    spec_ = call_spec(*loader_);
  }

  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    const std::string where = options_.name + ".forward";
    if (call.graph)
      throw CapabilityError(where, "a model that gives gradients",
                            "an AOTInductor package, which gives outputs only",
                            "use a black-box attack, or pass the module itself");
    if (!call.taps.empty())
      throw CapabilityError(where, "a model with reachable layers",
                            "an AOTInductor package, asked for layer '" + call.taps.front() + "'",
                            "pass the module itself");
    return run(x, call, [&](const at::Tensor& value) {
      static const NamedTensors none;
      const auto inputs = in_order(value, call.extras != nullptr ? *call.extras : none, where);
      NamedList named;
      const std::scoped_lock lock(mutex_);  // the package has one runner
      for (auto& output : loader_->run(inputs))
        named.emplace_back(std::to_string(named.size()), std::move(output));
      return choose_primary(std::move(named), options_.primary, where);
    });
  }
  [[nodiscard]] at::Device device() const override {
    return options_.device.value_or(at::Device(at::kCPU));
  }
  [[nodiscard]] std::optional<at::ScalarType> dtype() const override { return options_.dtype; }
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = options_.name;
    info.backend = "AOTInductor";
    info.access =
        options_.output == OutputKind::labels ? Access::labels : Access::labels | Access::outputs;
    info.output = options_.output;
    info.device = device().str();
    return info;
  }

 private:
  /// Positional inputs first, x and then extras by name order; then the keywords as declared.
  [[nodiscard]] std::vector<at::Tensor> in_order(const at::Tensor& x, const NamedTensors& extras,
                                                 const std::string& where) const {
    std::vector<at::Tensor> inputs{x};
    for (const auto& [name, extra] : extras)
      if (std::ranges::find(spec_.keywords, name) == spec_.keywords.end()) inputs.push_back(extra);
    if (spec_.n_positional > 0 && inputs.size() != spec_.n_positional)
      throw ValueError(where, std::to_string(spec_.n_positional) + " inputs by position",
                       std::to_string(inputs.size()),
                       "name the others as the package does: Inputs(x, {...})");
    for (const auto& name : spec_.keywords) {
      const auto found = extras.find(name);
      if (found == extras.end())
        throw ValueError(where, "an input '" + name + "', which the package declares", "none",
                         "give it with the data: Inputs(x, {'" + name + "': ...})");
      inputs.push_back(found->second);
    }
    return inputs;
  }

  CallSpec spec_;
  std::mutex mutex_;
  std::unique_ptr<Loader> loader_;
  TorchOptions options_;
};

}  // namespace leadline::detail::aoti

namespace leadline::models {

std::shared_ptr<TorchModel> load_aoti(const std::string& path, TorchOptions options) {
  namespace archive = leadline::detail::archive;
  const auto kind = archive::kind_of(archive::members(path, "load_aoti"));
  if (kind != archive::Kind::package)
    throw StoreError("load_aoti '" + path + "'", "an AOTInductor package",
                     kind == archive::Kind::script ? "a TorchScript archive" : "another archive",
                     kind == archive::Kind::script
                         ? "use load_script, or name the file .pt"
                         : "make one with torch._inductor.aoti_compile_and_package");
  if (options.name.empty()) options.name = archive::stem(path);
  try {
    return std::make_shared<leadline::detail::aoti::PackageModel>(
        std::make_unique<leadline::detail::aoti::Loader>(path), std::move(options));
  } catch (const std::exception& error) {
    throw StoreError("load_aoti '" + path + "'", "a package that this torch can run",
                     archive::first_line(error.what()), "build it again with this torch");
  }
}

}  // namespace leadline::models
