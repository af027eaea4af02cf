#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/words.hpp"

namespace leadline {
namespace detail::markdown {

using words::number;

constexpr std::size_t max_rows = 40;  // of a curve or a list of flags; JSON and HTML hold the rest
constexpr std::size_t max_side = 16;  // of a grid

/// Text from a report as it stands in Markdown: nothing in it is markup.
std::string plain(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '\t') {
      safe += ' ';
    } else if (std::string_view("\\`*_[]<>#|!~&$").find(c) != std::string_view::npos) {
      safe += '\\';
      safe += c;
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      safe += c;
    }
  }
  return safe;
}

/// Code in backticks, with a fence longer than any inside it.
std::string code(std::string_view text) {
  std::size_t longest = 0, run = 0;
  std::string body;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    body += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  const std::string fence(longest + 1, '`');
  return longest == 0 ? fence + body + fence : fence + " " + body + " " + fence;
}

/// Code in a cell of a table, where a bar would end the cell.
std::string code_cell(std::string_view text) {
  std::string safe;
  for (const char c : code(text)) {
    if (c == '|') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string sample(SampleId id) { return id < 0 ? "" : std::to_string(id); }

class Page {
 public:
  void line(std::string_view text = {}) { text_.append(text).append("\n"); }
  void heading(int level, std::string_view text) {
    if (text_.size() > 1 && text_.substr(text_.size() - 2) != "\n\n") text_ += '\n';
    text_.append(static_cast<std::size_t>(level), '#').append(" ");
    text_.append(text).append("\n\n");
  }
  void paragraph(std::string_view text) {
    if (!text.empty()) text_.append(text).append("\n\n");
  }
  void row(const std::vector<std::string>& cells) {
    text_ += "|";
    for (const auto& cell : cells) text_.append(" ").append(cell).append(" |");
    text_ += "\n";
  }
  void table_head(const std::vector<std::string>& columns) {
    row(columns);
    row(std::vector<std::string>(columns.size(), "---"));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void verdicts(Page& page, const Report& report) {
  page.heading(2, "Verdicts");
  page.paragraph(words::limits(report));
  if (report.verdicts.empty()) return;
  page.table_head({"verdict", "requirement", "limit", "measured", "why"});
  for (const auto& verdict : report.verdicts) {
    const auto& requirement = verdict.requirement;
    const auto name = requirement.name.empty() ? requirement.estimate : requirement.name;
    page.row(
        {"**" + std::string(words::outcome(verdict.outcome)) + "**", plain(name),
         plain(std::string(symbol_of(requirement.comparison)) + " " + number(requirement.limit) +
               (requirement.slice.empty() ? "" : " for " + requirement.slice)),
         verdict.estimate ? plain(words::estimate(*verdict.estimate)) : "",
         plain(words::why(verdict))});
  }
  page.line();
}

void glance(Page& page, const Report& report) {
  page.heading(2, "At a glance");
  for (const auto& finding : report.findings) {
    const auto light = words::light_of(report, finding);
    const auto beside = words::doubted_beside(finding);
    page.line("- **" + std::string(words::light(light)) + "**: " + plain(words::headline(finding)) +
              (beside.empty() ? "" : " *Not to be trusted beside it:* " + plain(beside) + "."));
  }
  page.line();
  const auto contrast = words::accuracy_alone(report);
  if (!contrast.empty()) page.paragraph("> " + plain(contrast));
}

void not_measured(Page& page, const Report& report) {
  const auto gaps = words::gaps(report);
  page.heading(2, "Not measured");
  if (gaps.empty()) page.paragraph("Everything that was asked for was measured.");
  for (const auto& gap : gaps) page.line("- **" + plain(gap.what) + "** " + plain(gap.why));
  page.line();
}

void doubts(Page& page, const Report& report) {
  std::string lines;
  for (const auto& finding : report.findings)
    for (const auto& check : finding.checks)
      if (check.result == Check::fail)
        lines += "- " + code(finding.probe) + ", check " + plain(words::check_name(check.name)) +
                 ": " + plain(check.why) +
                 (check.remedy.empty() ? "" : " *What to do:* " + plain(check.remedy)) + "\n";
  if (lines.empty()) return;
  page.heading(2, "Not to be trusted");
  page.paragraph("These checks of the measurement itself failed.");
  page.line(lines);
}

void estimates(Page& page, const Finding& finding) {
  if (finding.estimates.empty()) return;
  page.table_head({"what", "value", "interval", "n", "method", "name"});
  for (const auto& [name, estimate, better, unit, label] : finding.estimates) {
    std::string value, interval;
    if (estimate.ok()) {
      value = number(estimate.value()) + (unit.empty() ? "" : " " + unit);
      interval = estimate.lower ? fmt::format("{} to {} ({:g} %)", number(*estimate.lower),
                                              number(*estimate.upper), estimate.level * 100)
                                : estimate.why;
    } else {
      value = words::spaced(name_of(estimate.status)) +
              (estimate.why.empty() ? "" : ": " + estimate.why);
    }
    if (!finding.doubts(name).empty()) value += " (not to be trusted)";
    page.row({plain(label.empty() ? name : label), plain(value), plain(interval),
              std::to_string(estimate.n), plain(words::spaced(estimate.method)), code_cell(name)});
  }
  page.line();
}

void checks(Page& page, const Finding& finding) {
  if (finding.checks.empty()) return;
  page.table_head({"check", "result", "what was seen", "what to do"});
  for (const auto& check : finding.checks)
    page.row({plain(words::check_name(check.name)), plain(words::spaced(name_of(check.result))),
              plain(check.why), check.result == Check::pass ? "" : plain(check.remedy)});
  page.line();
}

void block(Page& page, const Curve& curve) {
  page.heading(4, plain(curve.title));
  for (const auto& series : curve.series) {
    page.paragraph(plain(series.name));
    const bool band = !series.lower.empty();
    std::vector<std::string> head{plain(curve.x_label), plain(curve.y_label)};
    if (band) head.insert(head.end(), {"lower", "upper"});
    page.table_head(head);
    const auto step = (series.x.size() + max_rows - 1) / max_rows;
    for (std::size_t i = 0; i < series.x.size(); i += step) {
      std::vector<std::string> row{number(series.x[i]), number(series.y[i])};
      if (band) row.insert(row.end(), {number(series.lower[i]), number(series.upper[i])});
      page.row(row);
    }
    page.line();
    if (step > 1) page.paragraph(fmt::format("One point in {} is shown.", step));
  }
  page.paragraph(plain(curve.note));
}

void block(Page& page, const Grid& grid) {
  page.heading(4, plain(grid.title));
  const auto n_cols = grid.col_names.size();
  if (n_cols > max_side || grid.row_names.size() > max_side) {
    page.paragraph(
        fmt::format("{} x {} cells: see the JSON or HTML report.", grid.row_names.size(), n_cols));
  } else {
    std::vector<std::string> head{plain(grid.row_label + " / " + grid.col_label)};
    for (const auto& name : grid.col_names) head.push_back(plain(name));
    page.table_head(head);
    for (std::size_t i = 0; i < grid.row_names.size(); ++i) {
      std::vector<std::string> row{plain(grid.row_names[i])};
      for (std::size_t j = 0; j < n_cols; ++j) row.push_back(number(grid.values[i * n_cols + j]));
      page.row(row);
    }
    page.line();
  }
  page.paragraph(plain(grid.note));
}

void block(Page& page, const TableBlock& table) {
  page.heading(4, plain(table.title));
  std::vector<std::string> head;
  for (const auto& column : table.columns) head.push_back(plain(column));
  page.table_head(head);
  for (const auto& cells : table.rows) {
    std::vector<std::string> row;
    for (const auto& cell : cells) row.push_back(plain(words::cell(cell)));
    page.row(row);
  }
  page.line();
  page.paragraph(plain(table.note));
}

void block(Page& page, const Exhibit& exhibit) {
  std::string text = exhibit.id < 0 ? "" : "sample " + std::to_string(exhibit.id);
  std::string caption = exhibit.caption;
  if (!text.empty() && caption.starts_with(text + ", ")) caption.erase(0, text.size() + 2);
  for (const auto& part : {exhibit.title, caption})
    if (!part.empty()) text += (text.empty() ? "" : ", ") + plain(part);
  page.line("- " + (text.empty() ? "a sample" : text));
}

void blocks(Page& page, const Finding& finding) {
  bool exhibits = false;
  for (const auto& one : finding.blocks) {
    exhibits = exhibits || std::holds_alternative<Exhibit>(one);
    if (!std::holds_alternative<Exhibit>(one))
      std::visit([&](const auto& value) { block(page, value); }, one);
  }
  if (!exhibits) return;
  page.heading(4, "Samples shown as pictures in the HTML report");
  for (const auto& one : finding.blocks)
    if (const auto* exhibit = std::get_if<Exhibit>(&one)) block(page, *exhibit);
  page.line();
}

void flags(Page& page, const Finding& finding) {
  if (finding.flags.empty()) return;
  page.heading(4, "Samples to look at");
  page.table_head({"sample", "reason"});
  const auto n = std::min(finding.flags.size(), max_rows);
  for (std::size_t i = 0; i < n; ++i)
    page.row({sample(finding.flags[i].id), plain(finding.flags[i].reason)});
  page.line();
  if (n < finding.flags.size())
    page.paragraph(fmt::format("{} more are in the JSON report.", finding.flags.size() - n));
}

void section(Page& page, const Report& report, const Finding& finding) {
  page.heading(3, plain(finding.question.empty() ? finding.probe : finding.question));
  page.paragraph("**" + std::string(words::light(words::light_of(report, finding))) + ".** " +
                 plain(finding.status == Status::ok ? words::headline(finding) : finding.why));
  page.paragraph(plain(finding.consequence));
  for (const auto& remedy : finding.remedies)
    page.line("- " + plain(remedy.text) + (remedy.call.empty() ? "" : " " + code(remedy.call)));
  if (!finding.remedies.empty()) page.line();
  estimates(page, finding);
  checks(page, finding);
  blocks(page, finding);
  flags(page, finding);
  for (const auto& warning : finding.warnings) page.line("- Warning: " + plain(warning));
  if (!finding.warnings.empty()) page.line();
  std::string options;
  for (const auto& [name, value] : finding.options)
    options += (options.empty() ? "" : ", ") + name + " = " + value;
  page.paragraph(fmt::format("Probe {} ({}){}; {:.2f} s, {} rows forward, {} rows backward.",
                             code(finding.probe), plain(finding.kind),
                             options.empty() ? "" : ": " + plain(options), finding.cost.seconds,
                             finding.cost.forwards, finding.cost.backwards));
}

}  // namespace detail::markdown

std::string Report::to_markdown() const {
  namespace md = detail::markdown;
  md::Page page;
  page.line("# " + md::plain(detail::words::title(*this)));
  page.line();
  page.paragraph(md::plain(created));
  if (partial) page.paragraph("**This report is partial.** " + md::plain(partial_why));
  md::verdicts(page, *this);
  md::glance(page, *this);
  md::not_measured(page, *this);
  md::doubts(page, *this);
  page.heading(2, "Findings");
  for (const auto& finding : findings) md::section(page, *this, finding);
  page.heading(2, "Provenance");
  page.table_head({"what", "value"});
  for (const auto& [name, value] : provenance) page.row({md::plain(name), md::plain(value)});
  return page.text();
}

}  // namespace leadline
