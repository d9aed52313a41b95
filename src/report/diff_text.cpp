#include "report/diff_text.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::report {
namespace {

using consensus::DiffRow;

constexpr std::size_t kLongestLine = 1U << 20U;
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kDim = "\x1b[2m";

class Writer {
 public:
  Writer(const TextOptions& options, std::string& out) : options_(options), out_(out) {}
  void line(std::string_view text, const char* color) {
    if (options_.color && color != nullptr) out_ += color;
    out_ += text;
    if (options_.color && color != nullptr) out_ += "\x1b[0m";
    out_ += '\n';
  }
  void row(const DiffRow& row) {
    if (row.kind == DiffRow::Kind::common)
      return host_line("  ", row.left ? row.left->text : row.right->text, nullptr);
    if (row.left) host_line("- ", row.left->text, kRed);
    if (row.right) host_line("+ ", row.right->text, kGreen);
  }

 private:
  void host_line(const std::string& mark, const std::string& text, const char* color) {
    line(mark + sanitised(text, kLongestLine), color);
  }
  const TextOptions& options_;
  std::string& out_;
};

std::vector<bool> rows_near_changes(const std::vector<DiffRow>& rows, std::size_t reach) {
  std::vector<bool> shown(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].kind == DiffRow::Kind::common) continue;
    for (std::size_t k = i - std::min(i, reach); k < std::min(rows.size(), i + reach + 1); ++k)
      shown[k] = true;
  }
  return shown;
}

}  // namespace

void append_diff(const std::vector<DiffRow>& rows, const TextOptions& options, std::string& out) {
  Writer writer(options, out);
  const std::vector<bool> shown = rows_near_changes(rows, static_cast<std::size_t>(options.context));
  if (std::find(shown.begin(), shown.end(), true) == shown.end())
    return writer.line("(same output)", kDim);
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i;
    while (end < rows.size() && !shown[end]) ++end;
    if (end > i)
      writer.line("@@ " + std::to_string(end - i) + (end - i == 1 ? " equal line" : " equal lines") +
                      " @@",
                  kDim);
    if (end < rows.size()) writer.row(rows[end++]);
    i = end;
  }
}

std::size_t changed_lines(const std::vector<DiffRow>& rows) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const DiffRow& row) {
    return row.kind != DiffRow::Kind::common;
  }));
}

std::string exit_words(const ExitResult& exit) {
  HostStatus status;
  status.exit = exit;
  return short_reason(status);
}

}  // namespace bdsh::report
