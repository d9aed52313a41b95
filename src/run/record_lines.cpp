#include "run/record_lines.hpp"

#include <string>

#include "core/text.hpp"
#include "run/times.hpp"
#include "run/timing_cursor.hpp"

namespace bdsh::run {

std::optional<Resize> parse_resize(std::string_view line) {
  const std::size_t rows_at = line.find(' ');
  const std::size_t cols_at = line.rfind(' ');
  if (rows_at == std::string_view::npos || cols_at == rows_at) return {};
  // Its first two words have the form of a line of timing.
  const auto entry = parse_timing(line.substr(0, cols_at));
  const auto cols = parse_timing("0.0 " + std::string(line.substr(cols_at + 1)));
  if (!entry || !cols || entry->bytes < 1 || entry->bytes > 1000 || cols->bytes < 1 ||
      cols->bytes > 1000)
    return {};
  return Resize{entry->delay,
                Size{Rows{static_cast<int>(entry->bytes)}, Cols{static_cast<int>(cols->bytes)}}};
}

LoggedEvent parse_event(std::string_view line) {
  LoggedEvent event;
  const std::size_t host_at = line.find('\t');
  const std::size_t text_at =
      host_at == std::string_view::npos ? host_at : line.find('\t', host_at + 1);
  if (text_at == std::string_view::npos) {
    event.line = event.text = sanitised(line);
    return event;
  }
  event.at = parse_iso_time(line.substr(0, host_at));
  event.host = sanitised(line.substr(host_at + 1, text_at - host_at - 1), 256);
  event.text = sanitised(line.substr(text_at + 1));
  event.line = event.host.empty() ? event.text : event.host + ": " + event.text;
  return event;
}

HostStatus not_ended(HostStatus status) {
  status.error = Error{ErrorKind::cancelled, status.state == HostState::queued
                                                 ? "the run ended before this host was started"
                                                 : "the run ended before this host did"};
  status.state = status.step == ConnectStep::live ? HostState::disconnected : HostState::failed;
  return status;
}

}  // namespace bdsh::run
