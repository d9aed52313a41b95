#include "control/json_text.hpp"

#include "core/cell.hpp"
#include "core/text.hpp"

namespace bdsh::control {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void append_escaped(std::string& out, char32_t ch) {
  if (ch == U'"' || ch == U'\\') {
    out += '\\';
    out += static_cast<char>(ch);
  } else if (ch == U'\n') {
    out += "\\n";
  } else if (ch == U'\t') {
    out += "\\t";
  } else if (ch < 0x20 || ch == 0x7F) {
    out += "\\u00";
    out += kHex[ch >> 4U];
    out += kHex[ch & 15U];
  } else {
    append_utf8(ch, out);
  }
}

template <typename Each>
std::string listed(const std::vector<std::string>& values, Each each) {
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? "," : "") + each(value);
  return out + "]";
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) append_escaped(out, decode_utf8(text, at));
  return out + "\"";
}

std::string json_list(const std::vector<std::string>& texts) {
  return listed(texts, [](const std::string& text) { return json_string(text); });
}

std::string json_list_of(const std::vector<std::string>& values) {
  return listed(values, [](const std::string& value) { return value; });
}

// Within strings line ends are escaped, so that every one found is between two parts.
std::string one_line(std::string_view json) {
  std::string out;
  bool indent = false;
  for (const char c : json) {
    indent = c == '\n' || (indent && c == ' ');
    if (!indent) out += c;
  }
  return out;
}

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_ += json_string(name);
  members_ += ':';
  members_ += value;
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return json(name, json_string(value));
}
JsonObject& JsonObject::text_or_null(std::string_view name, std::string_view value) {
  return value.empty() ? json(name, "null") : text(name, value);
}
JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
  return json(name, std::to_string(value));
}
JsonObject& JsonObject::flag(std::string_view name, bool value) {
  return json(name, value ? "true" : "false");
}
JsonObject& JsonObject::texts(std::string_view name, const std::vector<std::string>& values) {
  return json(name, json_list(values));
}

}  // namespace bdsh::control
