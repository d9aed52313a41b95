#include "config/audit_target.hpp"

#include <string_view>

namespace bdsh::config {

Result<AuditTarget> parse_audit(const std::string& text) {
  using Kind = AuditTarget::Kind;
  constexpr std::string_view kSocket = "journald:";
  if (text == "none") return AuditTarget{};
  if (text == "journald") return AuditTarget{Kind::journald};
  if (text.starts_with(kSocket) && text.size() > kSocket.size())
    return AuditTarget{Kind::journald, text.substr(kSocket.size())};
  if (text.empty() || text.starts_with(kSocket) || text.back() == '/')
    return Error{ErrorKind::usage, "'" + text + "' is not a file, journald or none"};
  return AuditTarget{Kind::file, text};
}

}  // namespace bdsh::config
