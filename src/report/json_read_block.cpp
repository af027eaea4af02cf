// Curves, grids, tables and exhibits from JSON.
#include "core/base64.hpp"
#include "report/json_node.hpp"

namespace leadline::detail::json {

Curve::Series read_series(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, Curve::Series::Style>, 3> styles{
      {{"line", Curve::Series::line},
       {"step", Curve::Series::step},
       {"points", Curve::Series::points}}};
  node.expect_keys(std::array<std::string_view, 6>{"name", "style", "x", "y", "lower", "upper"});
  Curve::Series series;
  series.name = node["name"].text();
  series.style = node["style"].choice(styles);
  series.x = node["x"].numbers();
  series.y = node["y"].numbers();
  series.lower = node["lower"].numbers();
  series.upper = node["upper"].numbers();
  const auto n = series.x.size();
  if (series.y.size() != n) node["y"].refuse("as many as x", std::to_string(series.y.size()));
  for (const char* end : {"lower", "upper"}) {
    const auto size = node[end].json().size();
    if (size != series.lower.size() || (size != 0 && size != n))
      node[end].refuse("none, or one a point", std::to_string(size));
  }
  return series;
}

Block read_curve(const Node& node) {
  node.expect_keys(std::array<std::string_view, 9>{"type", "title", "note", "x_label", "y_label",
                                                   "log_x", "diagonal", "level", "series"});
  Curve curve;
  curve.title = node["title"].text();
  curve.note = node["note"].text();
  curve.x_label = node["x_label"].text();
  curve.y_label = node["y_label"].text();
  curve.log_x = node["log_x"].boolean();
  curve.diagonal = node["diagonal"].boolean();
  curve.level = node["level"].number();
  curve.series = node["series"].list<Curve::Series>(read_series);
  return curve;
}

Block read_grid(const Node& node) {
  node.expect_keys(std::array<std::string_view, 9>{"type", "title", "note", "row_label",
                                                   "col_label", "row_names", "col_names", "counts",
                                                   "values"});
  Grid grid;
  grid.title = node["title"].text();
  grid.note = node["note"].text();
  grid.row_label = node["row_label"].text();
  grid.col_label = node["col_label"].text();
  grid.row_names = node["row_names"].texts();
  grid.col_names = node["col_names"].texts();
  grid.counts = node["counts"].boolean();
  grid.values = node["values"].numbers();
  const auto size = grid.row_names.size() * grid.col_names.size();
  if (grid.values.size() != size)
    node["values"].refuse(std::to_string(size) + " numbers, one a row and column",
                          std::to_string(grid.values.size()));
  return grid;
}

TableBlock::Cell read_cell(const Node& node) {
  const auto& value = node.json();
  if (value.is_null()) return std::monostate();
  if (value.is_string()) return node.text();
  if (value.is_number_integer()) return node.integer();
  if (value.is_number_float()) return node.number();
  if (value.is_object() && value.contains("estimate")) {
    node.expect_keys(std::array<std::string_view, 1>{"estimate"});
    return read_estimate(node["estimate"]);
  }
  node.expect_keys(std::array<std::string_view, 1>{"number"});
  return node["number"].number();
}

Block read_table(const Node& node) {
  node.expect_keys(std::array<std::string_view, 5>{"type", "title", "note", "columns", "rows"});
  TableBlock table;
  table.title = node["title"].text();
  table.note = node["note"].text();
  table.columns = node["columns"].texts();
  table.rows = node["rows"].list<std::vector<TableBlock::Cell>>([&](const Node& row) {
    auto cells = row.list<TableBlock::Cell>(read_cell);
    if (cells.size() != table.columns.size())
      row.refuse(std::to_string(table.columns.size()) + " cells", std::to_string(cells.size()));
    return cells;
  });
  return table;
}

std::int32_t read_side(const Node& node) {
  const auto side = node.integer();
  if (side < 1 || side > 65536) node.refuse("a side in [1, 65536]", std::to_string(side));
  return static_cast<std::int32_t>(side);
}

Image read_image(const Node& node) {
  node.expect_keys(std::array<std::string_view, 4>{"height", "width", "channels", "pixels"});
  Image image;
  image.height = read_side(node["height"]);
  image.width = read_side(node["width"]);
  const auto channels = node["channels"].integer();
  if (channels != 1 && channels != 3)
    node["channels"].refuse("1 or 3 channels", std::to_string(channels));
  image.channels = static_cast<std::int32_t>(channels);
  const auto pixels = base64_decode(node["pixels"].text());
  if (!pixels) node["pixels"].refuse("base64", "other text");
  const auto size = std::int64_t{image.height} * image.width * image.channels;
  if (std::ssize(*pixels) != size)
    node["pixels"].refuse(std::to_string(size) + " bytes", std::to_string(pixels->size()));
  image.pixels.assign(pixels->begin(), pixels->end());
  return image;
}

Block read_exhibit(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, Exhibit::Kind>, 3> kinds{
      {{"image", Exhibit::image}, {"tokens", Exhibit::tokens}, {"row", Exhibit::row}}};
  node.expect_keys(std::array<std::string_view, 10>{"type", "kind", "id", "title", "caption",
                                                    "severity", "labels", "values", "overlay",
                                                    "images"});
  Exhibit exhibit;
  exhibit.kind = node["kind"].choice(kinds);
  exhibit.id = node["id"].integer();
  exhibit.title = node["title"].text();
  exhibit.caption = node["caption"].text();
  exhibit.severity = node["severity"].number();
  exhibit.labels = node["labels"].texts();
  exhibit.values = node["values"].texts();
  exhibit.overlay = node["overlay"].numbers();
  exhibit.images = node["images"].list<Image>(read_image);
  return exhibit;
}

Block read_block(const Node& node) {
  using Reader = Block (*)(const Node&);
  static constexpr std::array<std::pair<std::string_view, Reader>, 4> types{
      {{"curve", read_curve},
       {"grid", read_grid},
       {"table", read_table},
       {"exhibit", read_exhibit}}};
  if (!node.json().is_object() || !node.json().contains("type"))
    node.refuse("an object with the key 'type'", node.json().type_name());
  return node["type"].choice(types)(node);
}

}  // namespace leadline::detail::json
