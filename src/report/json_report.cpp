#include "report/json_report.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/host_verdict.hpp"
#include "report/transfer_report.hpp"

namespace bdsh::report {
namespace {

using Json = nlohmann::ordered_json;  // keys in the order they are documented in

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json seconds_json(const std::optional<double>& seconds) {
  return seconds ? Json(std::round(*seconds * 1000) / 1000) : Json(nullptr);
}

Json letter_of(const RunResult& run, std::size_t host) {
  const std::vector<int>& variants = run.outcome.variant_of;
  if (host >= variants.size() || variants[host] < 0) return nullptr;
  return consensus::variant_letter(static_cast<std::size_t>(variants[host]));
}

Json host_json(const RunResult& run, std::size_t index) {
  const HostResult& host = run.hosts[index];
  const ExitResult exit = host.status.exit.value_or(ExitResult{});
  return {{"name", host.name},
          {"state", to_string(verdict(host.status))},
          {"exit_status", or_null(exit.status)},
          {"signal", text_or_null(exit.signal)},
          {"error", host.status.error ? Json(host.status.error->message) : Json(nullptr)},
          {"seconds", seconds_json(host.seconds)},
          {"variant", letter_of(run, index)}};
}

// Stands for a text in the document until that is written: no name and no word of an exit is it.
constexpr const char* kPlace = "\x01text";

std::string dumped(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

// As a string's content in JSON: escaped, without the quotes.
bool write_lines(const Filters& filters, const VariantText& text, const TakeText& take) {
  bool taken = true;
  const char* between = "";
  (void)show_lines(filters, text, [&](const std::string& line) {
    const std::string quoted = dumped(line);
    taken = take(between + quoted.substr(1, quoted.size() - 2));
    between = "\\n";
    return taken;
  });
  return taken;
}

Json variant_json(const RunResult& run, std::size_t index) {
  const consensus::Variant& variant = run.outcome.variants[index];
  const ExitResult exit = variant.exit.value_or(ExitResult{});
  return {{"id", consensus::variant_letter(index)},
          {"reference", variant.reference},
          {"hosts", names_of(variant.hosts, run.hosts)},
          {"exit_status", or_null(exit.status)},
          {"lines", variant.line_count},
          {"text", kPlace}};
}

}  // namespace

bool write_json_report(const RunResult& run, const Filters& filters, const TakeText& take) {
  Json hosts = Json::array();
  for (std::size_t i = 0; i < run.hosts.size(); ++i) hosts.push_back(host_json(run, i));
  Json variants = Json::array();
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < run.variants.size(); ++i) {
    if (!shows_variant(filters, run, i)) continue;
    variants.push_back(variant_json(run, i));
    shown.push_back(i);
  }
  const Json document = {{"command", or_null(run.command)},
                         {"agree", run.outcome.agree},
                         {"of", run.outcome.of},
                         {"hosts", std::move(hosts)},
                         {"variants", std::move(variants)}};
  const std::string frame = dumped(document) + "\n";
  const std::string place = "\"text\": " + dumped(kPlace);
  std::size_t from = 0;
  for (const std::size_t variant : shown) {
    const std::size_t at = frame.find(place, from) + place.size() - 1;
    const std::size_t quote = at - dumped(kPlace).size() + 2;
    if (!take(frame.substr(from, quote - from)) || !write_lines(filters, run.variants[variant], take))
      return false;
    from = at;
  }
  return take(frame.substr(from));
}

std::string json_report(const RunResult& run, const Filters& filters) {
  std::string text;
  write_json_report(run, filters, [&text](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

namespace {

Json paths_json(const std::vector<std::pair<std::string, std::string>>& paths) {
  Json list = Json::array();
  for (const auto& [path, reason] : paths) list.push_back({{"path", path}, {"reason", reason}});
  return list;
}

Json transfer_host_json(const TransferHost& host) {
  return {{"name", host.name},
          {"state", to_string(verdict(host.status))},
          {"error", host.status.error ? Json(host.status.error->message) : Json(nullptr)},
          {"seconds", seconds_json(host.seconds)},
          {"files", host.files_done},
          {"bytes", host.bytes_done},
          {"problem_count", host.problem_count},
          {"problems", paths_json(host.problems)},
          {"skipped", paths_json(host.skipped)}};
}

}  // namespace

std::string transfer_json(const TransferResult& result) {
  Json hosts = Json::array();
  for (const TransferHost& host : result.hosts) hosts.push_back(transfer_host_json(host));
  const Json document = {{"job", result.upload ? "upload" : "download"},
                         {"seconds", seconds_json(result.seconds)},
                         {"hosts", std::move(hosts)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bdsh::report
