#include "control/messages.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "control/json_text.hpp"
#include "core/text.hpp"

namespace bdsh::control {
namespace {

using Json = nlohmann::json;

Error wrong(const std::string& what) {
  return {ErrorKind::usage, what};
}

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Json> parse_object(std::string_view line) {
  if (line.size() > kLongestLine) return wrong("the line is too long");
  Json value = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return wrong("not a line of JSON");
  if (!value.is_object()) return wrong("not a JSON object");
  return value;
}

// Numbers stand for themselves, so that {"args":[5]} says what it means.
std::optional<std::string> word_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  return {};
}

Status take_text(const Json& from, const char* name, std::string& into) {
  if (!from.contains(name)) return Done{};
  if (!from[name].is_string()) return wrong(std::string("\"") + name + "\" is no text");
  into = from[name].get<std::string>();
  return Done{};
}

Status take_arguments(const Json& from, Request& into) {
  if (!from.contains("args")) return Done{};
  if (!from["args"].is_array()) return wrong("\"args\" is no list");
  for (const Json& each : from["args"]) {
    auto word = word_of(each);
    if (!word) return wrong("\"args\" holds something that is neither text nor number");
    into.arguments.push_back(std::move(*word));
  }
  return Done{};
}

Status take_environment(const Json& from, Request& into) {
  if (!from.contains("env")) return Done{};
  if (!from["env"].is_object()) return wrong("\"env\" is no object");
  for (const auto& [name, value] : from["env"].items()) {
    if (!value.is_string()) return wrong("\"env\" holds something that is no text");
    into.environment[name] = value.get<std::string>();
  }
  return Done{};
}

Status take_flag(const Json& from, const char* name, bool& into) {
  if (!from.contains(name)) return Done{};
  if (!from[name].is_boolean())
    return wrong(std::string("\"") + name + "\" is neither true nor false");
  into = from[name].get<bool>();
  return Done{};
}

// An object or a list would be a way to make answers large.
Status take_id(const Json& from, Request& into) {
  if (!from.contains("id")) return Done{};
  if (from["id"].is_structured()) return wrong("\"id\" is neither text nor number");
  into.id = dump(from["id"]);
  return Done{};
}

// Bytes that need not be UTF-8: each is a character.
std::string as_text(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) text += static_cast<char>(0xC0 | byte >> 6);
    text += byte >= 0x80 ? static_cast<char>(0x80 | (byte & 0x3F)) : c;
  }
  return text;
}

std::string as_bytes(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();)
    bytes += static_cast<char>(decode_utf8(text, at) & 0xFF);
  return bytes;
}

constexpr const char* kKinds[] = {"enter", "suspend", "detach", "end"};

std::string line_of(const JsonObject& object) {
  return object.str() + "\n";
}

JsonObject begin_answer(const std::string& id, bool ok) {
  JsonObject answer;
  if (!id.empty()) answer.json("id", id);
  answer.flag("ok", ok);
  return answer;
}

}  // namespace

Result<Request> parse_request(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return object.error();
  Request request;
  std::string modes;
  for (const Status& taken :
       {take_id(*object, request), take_text(*object, "command", request.command),
        take_arguments(*object, request), take_environment(*object, request),
        take_text(*object, "modes", modes), take_flag(*object, "read_only", request.read_only)})
    if (!taken) return taken.error();
  if (request.command.empty()) return wrong("there is no \"command\"");
  request.modes = as_bytes(modes);
  return request;
}

std::string to_line(const Request& request) {
  JsonObject object;
  if (!request.id.empty()) object.json("id", request.id);
  object.text("command", request.command);
  if (!request.arguments.empty()) object.texts("args", request.arguments);
  JsonObject environment;
  for (const auto& [name, value] : request.environment) environment.text(name, value);
  if (!request.environment.empty()) object.json("env", environment.str());
  if (!request.modes.empty()) object.text("modes", as_text(request.modes));
  if (request.read_only) object.flag("read_only", true);
  return line_of(object);
}

std::string answer_line(const std::string& id, std::string_view result) {
  JsonObject answer = begin_answer(id, true);
  if (!result.empty()) answer.json("result", result);
  return line_of(answer);
}

std::string error_line(const std::string& id, const Error& error) {
  JsonObject answer = begin_answer(id, false);
  answer.text("error", error.message).text("kind", to_string(error.kind));
  return line_of(answer);
}

std::string to_line(const Notice& notice) {
  JsonObject object;
  object.text("terminal", kKinds[static_cast<int>(notice.kind)])
      .text("bytes", as_text(notice.bytes));
  object.text("out", notice.out).text("err", notice.err).number("code", notice.code);
  return line_of(object);
}

Result<Answer> parse_answer(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return object.error();
  Answer answer;
  std::string kind;
  if (!object->contains("ok")) return Error{ErrorKind::protocol, "not an answer"};
  for (const Status& taken :
       {take_flag(*object, "ok", answer.ok), take_text(*object, "error", answer.error),
        take_text(*object, "kind", kind)})
    if (!taken) return taken.error();
  answer.usage = kind == to_string(ErrorKind::usage);
  if (object->contains("result")) answer.result = dump((*object)["result"]);
  return answer;
}

Result<Notice> parse_notice(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return object.error();
  Notice notice;
  std::string kind, bytes;
  for (const Status& taken :
       {take_text(*object, "terminal", kind), take_text(*object, "bytes", bytes),
        take_text(*object, "out", notice.out), take_text(*object, "err", notice.err)})
    if (!taken) return taken.error();
  if (object->contains("code") && (*object)["code"].is_number_integer())
    notice.code = (*object)["code"].get<int>();
  notice.bytes = as_bytes(bytes);
  using Kind = Notice::Kind;
  for (const Kind each : {Kind::enter, Kind::suspend, Kind::detach, Kind::end}) {
    notice.kind = each;
    if (kind == kKinds[static_cast<int>(each)]) return notice;
  }
  return Error{ErrorKind::protocol, "not a notice for a terminal"};
}

Result<RunStatus> parse_status(std::string_view result) {
  const auto object = parse_object(result);
  if (!object) return Error{ErrorKind::protocol, object.error().message};
  const Json& status = *object;
  RunStatus parsed;
  if (status.contains("terminals") && status["terminals"].is_number_integer())
    parsed.terminals = status["terminals"].get<std::int64_t>();
  if (status.contains("asking") && status["asking"].is_array())
    for (const Json& name : status["asking"])
      if (name.is_string()) parsed.asking.push_back(name.get<std::string>());
  return parsed;
}

}  // namespace bdsh::control
