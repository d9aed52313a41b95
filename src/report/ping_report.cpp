#include "report/ping_report.hpp"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "report/host_verdict.hpp"
#include "report/list_report.hpp"

namespace bdsh::report {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kSteps[] = {"resolve", "connect", "keys", "login"};

std::string milliseconds(const std::optional<double>& seconds) {
  if (!seconds) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", *seconds * 1000);
  return text;
}

Json number(const std::optional<double>& seconds) {
  return seconds ? Json(std::round(*seconds * 1e6) / 1e6) : Json(nullptr);
}

}  // namespace

std::string ping_report(const std::vector<PingLine>& hosts) {
  std::vector<std::vector<std::string>> rows{{"host", "", "resolve", "connect", "keys", "login", "total"}};
  for (const PingLine& host : hosts) {
    std::vector<std::string>& row = rows.emplace_back();
    row = {host.name, to_string(verdict(host.status))};
    for (const auto& seconds : host.seconds) row.push_back(milliseconds(seconds));
    row.push_back(milliseconds(host.total));
    if (host.status.error) row.push_back(sanitised(host.status.error->message));
  }
  return in_columns(rows);
}

std::string ping_json(const std::vector<PingLine>& hosts) {
  Json list = Json::array();
  for (const PingLine& host : hosts) {
    Json one = {{"name", host.name},
                {"state", to_string(verdict(host.status))},
                {"error", host.status.error ? Json(host.status.error->message) : Json(nullptr)}};
    for (std::size_t i = 0; i < host.seconds.size(); ++i) one[kSteps[i]] = number(host.seconds[i]);
    one["seconds"] = number(host.total);
    list.push_back(std::move(one));
  }
  return Json{{"hosts", std::move(list)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bdsh::report
