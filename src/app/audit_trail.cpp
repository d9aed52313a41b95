#include "app/audit_trail.hpp"

#include <algorithm>
#include <cmath>

#include "app/setup.hpp"
#include "core/fold.hpp"
#include "core/text.hpp"
#include "report/host_verdict.hpp"

namespace bdsh::app {
namespace {

double seconds_between(AuditTrail::WallTime from, AuditTrail::WallTime to) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
  return static_cast<double>(millis.count()) / 1000;
}

// What the user ended is neither a success nor a failure of the host.
bool stopped(const HostStatus& status) {
  return status.error && status.error->kind == ErrorKind::cancelled;
}

std::string outcome_of(const HostStatus& status) {
  return stopped(status) ? "stopped" : report::to_string(report::verdict(status));
}

const char* name_of(HostSpec::Transport transport) {
  switch (transport) {
    case HostSpec::Transport::libssh:
      return "libssh";
    case HostSpec::Transport::openssh:
      return "openssh";
    case HostSpec::Transport::command:
      break;
  }
  return "command";
}

void add_text(run::AuditRecord& record, const char* name, const std::string& text) {
  if (!text.empty()) record.add(name, text);
}

void add_end(run::AuditRecord& record, const HostStatus& status) {
  record.add("outcome", outcome_of(status));
  if (status.exit && status.exit->status) record.add("status", std::int64_t{*status.exit->status});
  if (status.exit) add_text(record, "signal", status.exit->signal);
  if (status.error) record.add("error", status.error->message);
}

}  // namespace

AuditTrail::AuditTrail(Audit& audit, AuditJob job, const std::vector<HostSpec>& hosts, WallTime now)
    : audit_(audit), job_(std::move(job)), began_(now) {
  std::vector<std::string> names;
  for (const HostSpec& spec : hosts) {
    hosts_.push_back({spec});
    names.push_back(spec.name);
  }
  if (!audit_.on()) return;
  run::AuditRecord record;
  record.add("event", "begin");
  record.add("job", job_.what);
  record.add("run", job_.run);
  if (job_.command) record.add("command", *job_.command);
  record.add("hosts", fold_names(names));
  record.add("host_count", static_cast<std::int64_t>(names.size()));
  record.message = job_.what + " on " + sanitised(fold_names(names), 500) + ": " +
                   sanitised(job_.command.value_or("shells"), 500);
  audit_.add(std::move(record), now);
}

void AuditTrail::moved(HostId host, std::uint64_t bytes) {
  (job_.what == "upload" ? at(host).sent : at(host).received) = bytes;
}

void AuditTrail::status(HostId id, const HostStatus& status, WallTime now) {
  Host& host = at(id);
  if (!host.started || (host.ended && !status.ended())) start_again(host, now);
  if (!status.ended() || std::exchange(host.ended, true)) return;
  host.fate = stopped(status)                                  ? Fate::stopped
              : report::verdict(status) == report::Verdict::ok ? Fate::ok
                                                               : Fate::failed;
  if (audit_.on()) audit_.add(record_of(id, status, now), now);
}

void AuditTrail::start_again(Host& host, WallTime now) {
  host.started = now;
  host.ended = false;
  host.received = host.sent = 0;
  host.login = {};
}

void AuditTrail::add_command(run::AuditRecord& record, std::size_t host) const {
  if (!job_.commands.empty())
    record.add("command", job_.commands[host]);
  else if (job_.command)
    record.add("command", *job_.command);
}

run::AuditRecord AuditTrail::record_of(HostId id, const HostStatus& status, WallTime now) {
  const Host& host = at(id);
  run::AuditRecord record;
  record.add("event", "host");
  record.add("job", job_.what);
  record.add("run", job_.run);
  record.add("host", host.spec.name);
  add_text(record, "group", host.spec.group);
  record.add("address", endpoint(host.spec));
  record.add("login", host.spec.user);
  record.add("transport", name_of(host.spec.transport));
  add_text(record, "host_key", host.login.host_key);
  add_text(record, "host_authority", host.login.host_authority);
  add_text(record, "method", host.login.method);
  add_text(record, "key", host.login.key);
  add_command(record, id.value);
  add_end(record, status);
  record.add("received", static_cast<std::int64_t>(host.received));
  record.add("sent", static_cast<std::int64_t>(host.sent));
  record.add("seconds", seconds_between(*host.started, now));
  record.message =
      job_.what + " on " + host.spec.name + " as " + host.spec.user + ": " + outcome_of(status);
  return record;
}

std::int64_t AuditTrail::count(Fate fate) const {
  return std::count_if(hosts_.begin(), hosts_.end(),
                       [fate](const Host& host) { return host.fate == fate; });
}

void AuditTrail::end(WallTime now) {
  if (!audit_.on()) return;
  run::AuditRecord record;
  record.add("event", "end");
  record.add("job", job_.what);
  record.add("run", job_.run);
  record.add("ok", count(Fate::ok));
  record.add("failed", count(Fate::failed));
  record.add("stopped", count(Fate::stopped));
  record.add("seconds", seconds_between(began_, now));
  record.message = job_.what + " ended: " + std::to_string(count(Fate::ok)) + " ok, " +
                   std::to_string(count(Fate::failed)) + " failed";
  audit_.add(std::move(record), now);
}

}  // namespace bdsh::app
