// Writing JSON: an object or a list as text, built member by member. Invalid UTF-8 becomes U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bdsh::control {

std::string json_string(std::string_view text);  // with its quotes
std::string json_list(const std::vector<std::string>& texts);
std::string json_list_of(const std::vector<std::string>& values);  // of JSON texts

// JSON text without the line ends and indents between its parts.
std::string one_line(std::string_view json);

class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& text_or_null(std::string_view name, std::string_view value);  // null when empty
  JsonObject& number(std::string_view name, std::int64_t value);
  JsonObject& flag(std::string_view name, bool value);
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& json(std::string_view name, std::string_view value);  // JSON text
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace bdsh::control
