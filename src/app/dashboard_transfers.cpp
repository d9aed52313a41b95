#include <utility>
// Boost 1.74's coroutine headers lack <utility>.
#include <boost/asio/post.hpp>

#include "app/dashboard_transfers.hpp"

#include "app/setup.hpp"
#include "app/transfer_account.hpp"
#include "app/transfer_plans.hpp"
#include "app/transfer_source.hpp"
#include "app/user_path.hpp"
#include "core/text.hpp"

namespace bdsh::app {
namespace {

constexpr std::chrono::milliseconds kShown{250};

Error usage(const std::string& what) { return {ErrorKind::usage, what}; }

// As sh does: blanks part words; '…' and "…" hold them together, \ takes the next as it is.
Result<std::vector<std::string>> split(const std::string& text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word) word.emplace();
    if (c == quote) quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"')) quote = c;
    else if (c == '\\' && quote != '\'' && i + 1 < text.size()) *word += text[++i];
    else *word += c;
  }
  if (quote != 0) return usage(std::string("a ") + quote + " is not closed");
  if (word) words.push_back(*word);
  return words;
}

Status set_option(const std::string& word, config::TransferOptions& into) {
  if (word == "-r" || word == "--recursive") into.recursive = true;
  else if (word == "--preserve") into.preserve = true;
  else if (word == "--resume") into.resume = true;
  else if (word == "--checksum") into.checksum = true;
  else if (word == "--fsync") into.fsync = true;
  else return usage("unknown option '" + sanitised(word, 100) + "' (-r --preserve --resume --checksum --fsync)");
  return Done{};
}

// A path that was chosen, so that nothing in it is a pattern, a home directory or a place for the
// host's name.
std::string escaped(const std::string& path) {
  std::string out = path.starts_with('/') ? "" : "./";
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\' || (c == 'h' && out.ends_with('{'))) out += '\\';
    out += c;
  }
  return out;
}

// In front of, or behind, what was typed for the other side.
Status add_chosen(const tui::Transfer& wanted, std::vector<std::string>& operands) {
  if (wanted.chosen.empty()) return Done{};
  if (!wanted.upload) {
    if (operands.size() != 1) return usage("download: wanted is a DESTDIR");
    std::vector<std::string> paths;
    for (const std::string& path : wanted.chosen) paths.push_back(escaped(path));
    operands.insert(operands.begin(), paths.begin(), paths.end());
    return Done{};
  }
  if (operands.empty()) return usage("upload: wanted are SRC...");
  const std::string& into = wanted.chosen.front();
  if (into.find("{host}") != into.npos) return usage("a directory with {host} in its name stands for others");
  operands.push_back((into.starts_with('/') ? into : "./" + into) + "/");
  return Done{};
}

}  // namespace

Status parse_transfer(const tui::Transfer& wanted, config::Settings& into) {
  const bool upload = wanted.upload;
  auto words = split(wanted.words);
  if (!words) return words.error();
  into.job = upload ? config::Job::upload : config::Job::download;
  into.operands.clear();
  into.transfer = {};
  for (const std::string& word : *words) {
    if (!into.operands.empty() || !word.starts_with('-')) into.operands.push_back(word);
    else if (const Status set = set_option(word, into.transfer); !set) return set;
  }
  if (const Status added = add_chosen(wanted, into.operands); !added) return added;
  if (into.operands.size() < 2)
    return usage(upload ? "upload: wanted are SRC... DEST" : "download: wanted are SRC... DESTDIR");
  // No shell has done it for the paths of this side.
  for (std::size_t i = 0; i < into.operands.size(); ++i)
    if (upload == (i + 1 < into.operands.size())) into.operands[i] = home_path(into.operands[i]);
  return Done{};
}

// One transfer, with all it consists of.
struct DashboardTransfers::Running {
  config::Settings settings;   // of its hosts alone
  std::vector<HostId> hosts;   // as the run knows them
  TransferPlans plans;
  CellTables tables{};
  std::unique_ptr<RunState> state{};
  std::unique_ptr<AuditTrail> trail{};
  std::unique_ptr<TransferSource> source{};
  std::unique_ptr<TransferAccount> account{};
  bool ending = false;
};

DashboardTransfers::DashboardTransfers(boost::asio::io_context& loop,
                                       const config::Settings& settings, EventLog& events,
                                       Audit& audit, run::RunWriter& log,
                                       std::function<void(std::string)> notify)
    : loop_(loop),
      settings_(settings),
      events_(events),
      audit_(audit),
      log_(log),
      notify_(std::move(notify)),
      timer_(loop) {}

DashboardTransfers::~DashboardTransfers() = default;

void DashboardTransfers::start(const tui::Transfer& wanted) {
  if (running_) return notify_("a transfer is running: stop-transfer ends it");
  if (const Status begun = begin(wanted); !begun) notify_(sanitised(begun.error().message));
}

Status DashboardTransfers::begin(const tui::Transfer& wanted) {
  auto running = std::make_unique<Running>();
  running->settings = settings_;
  if (const Status parsed = parse_transfer(wanted, running->settings); !parsed)
    return parsed;
  running->settings.hosts.clear();
  HostSet skipped;
  std::vector<std::pair<HostId, Error>> unusable;
  wanted.hosts.for_each([&](HostId id) {
    const HostId here{static_cast<std::uint32_t>(running->hosts.size())};
    for (const config::UnusableHost& host : settings_.unusable)
      if (host.host == id) {
        unusable.emplace_back(here, host.error);
        skipped.add(here);
      }
    running->hosts.push_back(id);
    running->settings.hosts.push_back(settings_.hosts[id.value]);
  });
  auto plans = plan_transfers(running->settings, skipped);
  if (!plans) return plans.error();
  running->plans = std::move(*plans);
  unusable.insert(unusable.end(), running->plans.problems.begin(), running->plans.problems.end());
  (void)net::raise_descriptor_limit(settings_.hosts, running->plans.descriptors);

  running->state = std::make_unique<RunState>(
      running->tables, run_hosts(running->settings),
      RunOptions{settings_.run_name, std::nullopt, false, kTransferTerminal, 0, {}});
  net::PoolOptions options = sftp_options(running->settings);
  options.secrets = keyring_;
  options.mute = "transfers of the dashboard ask nothing, bdsh-tui upload and download do";
  running->settings.command = transfer_words(running->settings);
  running->settings.commands.clear();
  running->trail =
      std::make_unique<AuditTrail>(audit_, audit_job(running->settings, log_),
                                   running->settings.hosts, std::chrono::system_clock::now());
  Running* const raw = running.get();
  TransferSource::Reports reports{[this, raw](std::optional<HostId> host, const std::string& text) {
                                    if (host) note(raw->hosts[host->value], text);
                                  },
                                  [](HostId, const HostStatus&) {},
                                  [this, raw] {
                                    if (running_.get() == raw && raw->state->all_ended()) ended();
                                  },
                                  running->trail.get()};
  running->source = std::make_unique<TransferSource>(loop_, running->settings.hosts, std::move(unusable), options,
                                                     std::move(running->plans.transfers), *running->state,
                                                     std::move(reports));
  running->account = std::make_unique<TransferAccount>(running->settings, *running->state, *running->source);
  running_ = std::move(running);
  running_->source->start();
  show();
  return Done{};
}

// The whole, and of the hosts the one that has the most before it.
void DashboardTransfers::show() {
  if (!running_ || running_->ending) return;
  const auto lines = running_->account->lines();
  const auto notes = running_->account->notes();
  for (std::size_t i = 0; i < notes.size(); ++i) progress_[running_->hosts[i]] = notes[i];
  notify_(lines.size() < 2 ? lines[0] : lines[0] + "  slowest:" + lines[1].substr(1));
  timer_.expires_after(kShown);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) show();
  });
}

// Said from within the source's own report, so it goes later.
void DashboardTransfers::ended() {
  if (std::exchange(running_->ending, true)) return;
  timer_.cancel();
  boost::asio::post(loop_, [this] {
    const std::string text = report::transfer_text(running_->account->result(true), false);
    const std::string first = text.substr(0, text.find('\n'));
    bool failed = false;
    for (const HostStatus& status : running_->state->statuses())
      failed = failed || status.error.has_value();
    notify_(failed ? first + " (e: what failed)" : first);
    end_source();
  });
}

std::string DashboardTransfers::progress_of(HostId host) const {
  const auto at = progress_.find(host);
  return at == progress_.end() ? "" : at->second;
}

void DashboardTransfers::end_source() {
  progress_.clear();
  running_->source->stop([this] {
    boost::asio::post(loop_, [this] {
      running_->trail->end(std::chrono::system_clock::now());
      running_.reset();
      ended_told_();
    });
  });
}

void DashboardTransfers::stop() {
  if (!running_) return notify_("no transfer is running");
  if (running_->ending) return;
  notify_("the transfer is given up");
  timer_.cancel();
  running_->ending = true;
  end_source();
}

void DashboardTransfers::note(HostId host, const std::string& text) {
  const auto now = std::chrono::system_clock::now();
  const std::string words = "transfer: " + text;
  log_.event(host, words, now);
  events_.add(now, settings_.hosts[host.value].name, sanitised(words));
}

}  // namespace bdsh::app
