#include <utility>
// Boost 1.74's coroutine headers lack <utility>.
#include <boost/asio/post.hpp>

#include "app/audit.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/setup.hpp"
#include "run/times.hpp"

namespace bdsh::app {
namespace {

// The user who logged in to the session, which su and sudo do not change (audit(7)).
std::optional<std::int64_t> login_uid() {
  constexpr std::int64_t kUnset = 0xFFFF'FFFF;
  std::int64_t uid = kUnset;
  std::ifstream("/proc/self/loginuid") >> uid;
  return uid == kUnset ? std::nullopt : std::optional(uid);
}

run::AuditRecord user_fields() {
  run::AuditRecord fields;
  const passwd* const entry = ::getpwuid(::getuid());
  fields.add("uid", std::int64_t{::getuid()});
  if (entry != nullptr) fields.add("user", std::string(entry->pw_name));
  if (const auto uid = login_uid()) fields.add("login_uid", *uid);
  if (const char* sudo = std::getenv("SUDO_USER")) fields.add("sudo_user", std::string(sudo));
  fields.add("pid", std::int64_t{::getpid()});
  return fields;
}

}  // namespace

Result<std::unique_ptr<run::AuditSink>> open_audit(const config::AuditTarget& target) {
  using Kind = config::AuditTarget::Kind;
  if (target.kind == Kind::none) return std::unique_ptr<run::AuditSink>();
  auto sink = target.kind == Kind::file
                  ? run::open_audit_file(std::filesystem::absolute(target.path).string())
                  : run::open_journal(target.path.empty() ? run::kJournalSocket : target.path);
  return sink ? std::move(sink) : sink.error().about("audit");
}

Audit::Audit(boost::asio::io_context& loop, std::unique_ptr<run::AuditSink> sink, Failed failed)
    : user_(user_fields()) {
  if (!sink) return;
  writer_ =
      std::make_unique<run::AuditWriter>(std::move(sink), [&loop, failed](const Error& error) {
        boost::asio::post(loop, [failed, error] { failed(error.about("audit")); });
      });
}

void Audit::add(run::AuditRecord record, std::chrono::system_clock::time_point now) {
  if (!writer_) return;
  run::AuditRecord whole{std::move(record.message), {}};
  whole.add("time", run::iso_time(now));
  for (auto* part : {&user_, &record})
    for (const auto& [name, value] : part->fields) whole.add(name, value);
  writer_->add(std::move(whole));
}

void Audit::close() {
  if (!writer_) return;
  if (const auto error = writer_->close()) (void)report_error(error->about("audit"));
}

}  // namespace bdsh::app
