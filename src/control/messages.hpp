// What goes over a run's socket, in both directions one JSON object per line (docs/control.md).
// Pure: text in, values out. Texts from the other side are checked UTF-8, but not sanitised.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bdsh::control {

// Longer lines are refused; a reader need not keep more.
constexpr std::size_t kLongestLine = 4U << 20U;

// To the program.
struct Request {
  std::string id;  // JSON text of whatever the client put there; empty: nothing. Answers repeat it.
  std::string command;
  std::vector<std::string> arguments;
  // Of the commands that terminals' clients use.
  std::map<std::string, std::string> environment;
  std::string modes;  // bytes: struct termios of the terminal, as it was found
  bool read_only = false;

  friend bool operator==(const Request&, const Request&) = default;
};
// Errors: usage.
Result<Request> parse_request(std::string_view line);
std::string to_line(const Request& request);  // with the line end, as all of these

// The outcome of a request. `result`: JSON text, empty for none.
std::string answer_line(const std::string& id, std::string_view result);
std::string error_line(const std::string& id, const Error& error);
struct Answer {
  bool ok = false;
  std::string error;
  bool usage = false;  // the request itself was wrong
  std::string result;  // JSON text
};

// Of the answer to "status" what a list of runs shows. Errors: protocol.
struct RunStatus {
  std::int64_t terminals = 0;
  std::vector<std::string> asking;  // hosts that wait for an answer of the user's
};
Result<RunStatus> parse_status(std::string_view result);

// To a terminal's client, unasked.
struct Notice {
  enum class Kind {
    enter,    // make the terminal raw, then say "ready"; `bytes` would make it whole again
    suspend,  // write `bytes`, give the terminal back, stop
    detach,   // write `bytes`, give the terminal back, print, exit: the program goes on
    end,      // the same, and the program ends
  } kind = Kind::end;
  std::string bytes;
  std::string out;  // for standard output and standard error
  std::string err;
  int code = 0;
  friend bool operator==(const Notice&, const Notice&) = default;
};
std::string to_line(const Notice& notice);

// What a client reads: an answer, or a notice. Errors: protocol.
Result<Answer> parse_answer(std::string_view line);
Result<Notice> parse_notice(std::string_view line);

}  // namespace bdsh::control
