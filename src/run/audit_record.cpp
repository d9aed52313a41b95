#include "run/audit_record.hpp"

#include <cctype>
#include <nlohmann/json.hpp>

namespace bdsh::run {
namespace {

using nlohmann::ordered_json;

std::string text_of(const AuditRecord::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::visit([](const auto& each) { return ordered_json(each).dump(); }, value);
}

std::string journal_name(const std::string& field) {
  std::string name = "BDSH_";
  for (const char c : field) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFFU);
  return bytes;
}

// A value with a line end in it is preceded by its length.
void add_field(std::string& message, const std::string& name, const std::string& value) {
  if (value.find('\n') == std::string::npos)
    message += name + "=" + value + "\n";
  else
    message += name + "\n" + little_endian(value.size()) + value + "\n";
}

}  // namespace

std::string audit_line(const AuditRecord& record) {
  ordered_json line = ordered_json::object();
  for (const auto& field : record.fields)
    std::visit([&](const auto& each) { line[field.first] = each; }, field.second);
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string journal_message(const AuditRecord& record) {
  std::string message;
  add_field(message, "MESSAGE", record.message);
  add_field(message, "PRIORITY", "6");  // informational (syslog(3))
  add_field(message, "SYSLOG_IDENTIFIER", "bdsh-tui");
  for (const auto& [name, value] : record.fields)
    add_field(message, journal_name(name), text_of(value));
  return message;
}

}  // namespace bdsh::run
