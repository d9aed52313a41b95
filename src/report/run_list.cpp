#include "report/run_list.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/fold.hpp"
#include "core/text.hpp"

namespace bdsh::report {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::duration_cast;
using std::chrono::seconds;

const char* word_of(RunLine::Kind kind) {
  switch (kind) {
    case RunLine::Kind::live:
    case RunLine::Kind::served: return "live";
    case RunLine::Kind::detached: return "detached";
    case RunLine::Kind::kept: return "kept";
    case RunLine::Kind::ended: return "killed";
  }
  return "";
}

std::string agreement(const RunLine& run) {
  return run.agree ? std::to_string(*run.agree) + " of " + std::to_string(run.of) : "-";
}

// A table's cells: all columns but the last are as wide as their widest cell.
constexpr std::size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;

Row row_of(const RunLine& run, Now now) {
  const auto who = [](const char* what, const std::vector<std::string>& hosts) {
    return hosts.empty() ? "" : what + fold_names(hosts) + "  ";
  };
  const std::string waiting = who("asks: ", run.asking) + who("waiting: ", run.waiting);
  return {word_of(run.kind),
          run.name,
          std::to_string(run.hosts.size()),
          age_text(now - run.started),
          agreement(run),
          waiting + (run.command ? *run.command : "(shells)"),
          ""};
}

std::string padded_row(const Row& row, const std::array<int, kColumns>& widths) {
  std::string line;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const std::string cell = sanitised(row[c], 200);
    line += cell;
    const int pad = c < 5 ? widths[c] + 2 - text_width(cell) : 0;
    line.append(static_cast<std::size_t>(std::max(0, pad)), ' ');
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

long long since_epoch(Now time) {
  return duration_cast<seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string age_text(std::chrono::system_clock::duration age) {
  const auto s = std::max<long long>(0, duration_cast<seconds>(age).count());
  if (s < 120) return std::to_string(s) + " s";
  if (s < 120 * 60) return std::to_string(s / 60) + " min";
  if (s < 48 * 3600) return std::to_string(s / 3600) + " h";
  return std::to_string(s / 86400) + " d";
}

std::string run_list(const std::vector<RunLine>& runs, Now now) {
  if (runs.empty()) return "no runs are kept (-k or L keeps one)\n";
  std::vector<Row> rows{{"STATE", "RUN", "HOSTS", "AGE", "AGREE", "COMMAND", ""}};
  for (const RunLine& run : runs) rows.push_back(row_of(run, now));
  std::array<int, kColumns> widths{};
  for (const Row& row : rows)
    for (std::size_t c = 0; c < kColumns; ++c)
      widths[c] = std::max(widths[c], text_width(sanitised(row[c], 200)));
  std::string text;
  for (const Row& row : rows) text += padded_row(row, widths);
  return text;
}

std::string run_list_json(const std::vector<RunLine>& runs, Now now) {
  Json list = Json::array();
  for (const RunLine& run : runs)
    list.push_back({{"name", run.name},
                    {"state", word_of(run.kind)},
                    {"directory", run.directory},
                    {"command", run.command ? Json(*run.command) : Json(nullptr)},
                    {"hosts", run.hosts},
                    {"started", since_epoch(run.started)},
                    {"finished", run.finished ? Json(since_epoch(*run.finished)) : Json(nullptr)},
                    {"age_seconds", duration_cast<seconds>(now - run.started).count()},
                    {"agree", run.agree ? Json(*run.agree) : Json(nullptr)},
                    {"of", run.agree ? Json(run.of) : Json(nullptr)},
                    {"waiting", run.waiting},
                    {"asking", run.asking},
                    {"bytes", run.bytes}});
  return Json{{"runs", std::move(list)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bdsh::report
