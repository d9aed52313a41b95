#include <utility>
// Boost 1.74's coroutine headers lack <utility>.
#include <boost/asio/io_context.hpp>

#include "app/transfer_source.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::app {
namespace {

constexpr std::chrono::seconds kStopGrace{2};

HostStatus failed(Error error) {
  HostStatus status;
  status.state = HostState::failed;
  status.step = ConnectStep::live;
  status.error = std::move(error);
  return status;
}

}  // namespace

HostStatus outcome_of(const transfer::HostTransfer& transfer) {
  if (transfer.broken()) return failed({ErrorKind::channel, transfer.broken()->message});
  if (transfer.given_up()) return failed({ErrorKind::cancelled, "given up"});
  if (const std::size_t count = transfer.problem_count(); count > 0) {
    const transfer::Problem& first = transfer.problems().front();
    std::string words = sanitised(first.path + ": " + first.what);
    if (count > 1) words += ", and " + std::to_string(count - 1) + " more";
    return failed({ErrorKind::channel, std::move(words)});
  }
  HostStatus status;
  status.state = HostState::done;
  status.step = ConnectStep::live;
  status.exit = ExitResult{0, {}};
  return status;
}

TransferSource::TransferSource(boost::asio::io_context& loop, std::vector<HostSpec> hosts,
                               std::vector<std::pair<HostId, Error>> unusable,
                               const net::PoolOptions& options, Transfers transfers, RunState& state,
                               Reports reports)
    : state_(state),
      reports_(std::move(reports)),
      unusable_(std::move(unusable)),
      transfers_(std::move(transfers)),
      stop_timer_(loop),
      pool_(loop, std::move(hosts), options, *this) {}

void TransferSource::start() {
  for (auto& [host, error] : unusable_) {
    HostStatus status = failed(error);
    status.step = ConnectStep::none;
    settle(host, std::move(status));
  }
  for (std::uint32_t i = 0; i < transfers_.size(); ++i)
    if (!settled_.contains(HostId{i})) pool_.start(HostId{i});
}

void TransferSource::answer(const HostSet& hosts, std::optional<Secret> answer, bool later) {
  pool_.answer(hosts, std::move(answer), later);
}

// ---- bytes

void TransferSource::on_bytes(HostId host, net::Stream stream, std::string_view bytes) {
  if (settled_.contains(host)) return;
  if (stream == net::Stream::err) return on_event(host, "its SFTP server says: " + sanitised(bytes, 500));
  transfers_[host.value]->receive(bytes);
  send(host);
}

// The pool's queue holds as much as a transfer has under way, so it takes all, unless the session is
// no longer live: then its end is told next.
void TransferSource::send(HostId host) {
  transfer::HostTransfer& transfer = *transfers_[host.value];
  const std::string out = transfer.take_output();
  if (!out.empty()) (void)pool_.write(host, out);
  if (transfer.ended()) transfer_ended(host);
}

void TransferSource::transfer_ended(HostId host) {
  if (settled_.contains(host)) return;
  pool_.end_input(host);
  settle(host, outcome_of(*transfers_[host.value]));
}

// ---- statuses

void TransferSource::on_status(HostId host, const HostStatus& status) {
  if (settled_.contains(host)) return;
  if (status.ended()) return session_ended(host, status);
  state_.set_status(host, status, Clock::now());
  reports_.status(host, status);
  record(host, status);
  if (status.live() && !begun_.contains(host)) {
    begun_.add(host);
    transfers_[host.value]->begin();
    send(host);
  }
  reports_.changed();
}

// Before its transfer was through.
void TransferSource::session_ended(HostId host, HostStatus status) {
  transfers_[host.value]->broke_off();
  if (!status.error) {
    status = failed({ErrorKind::channel, "the host ended the SFTP session: no SFTP server there?"});
  }
  settle(host, std::move(status));
}

void TransferSource::settle(HostId host, HostStatus status) {
  settled_.add(host);
  const bool told = status.error && status.error->kind == ErrorKind::jump;
  if (!told) on_event(host, status.error ? status.error->message : "transferred");
  reports_.status(host, status);
  record(host, status);
  state_.set_status(host, status, Clock::now());
  if (stopped_ && settled_.size() >= transfers_.size()) end_sessions();
  reports_.changed();
}

// The bytes on record are the files', not those of the protocol around them.
void TransferSource::record(HostId host, const HostStatus& status) {
  if (reports_.trail == nullptr) return;
  if (const auto* transfer = transfers_[host.value].get(); transfer != nullptr && status.ended())
    reports_.trail->moved(host, transfer->tally().bytes_done);
  reports_.trail->status(host, status, std::chrono::system_clock::now());
}

void TransferSource::on_login(HostId host, const net::Login& login) {
  if (reports_.trail != nullptr) reports_.trail->login(host, login);
}

void TransferSource::on_event(std::optional<HostId> host, const std::string& text) {
  reports_.event(host, text);
}

// ---- the end

void TransferSource::stop(std::function<void()> done) {
  stopped_ = std::move(done);
  for (std::uint32_t i = 0; i < transfers_.size(); ++i) {
    const HostId host{i};
    if (settled_.contains(host)) continue;
    if (!begun_.contains(host)) {
      HostStatus status = state_.status(host);
      status.asking.reset();
      status.state = HostState::failed;
      status.error = Error{ErrorKind::cancelled, "stopped"};
      settle(host, std::move(status));
      continue;
    }
    transfers_[i]->abort();
    send(host);
  }
  if (!stopped_ || settled_.size() >= transfers_.size()) return end_sessions();
  stop_timer_.expires_after(kStopGrace);
  stop_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) end_sessions();
  });
}

void TransferSource::end_sessions() {
  if (!stopped_) return;
  stop_timer_.cancel();
  pool_.stop(kStopGrace, std::exchange(stopped_, nullptr));
}

}  // namespace bdsh::app
