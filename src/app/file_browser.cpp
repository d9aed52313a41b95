#include <utility>
// Boost 1.74's coroutine headers lack <utility>.
#include <boost/asio/post.hpp>

#include "app/file_browser.hpp"

#include <algorithm>

#include "app/audit_trail.hpp"
#include "app/setup.hpp"
#include "app/transfer_account.hpp"
#include "core/text.hpp"
#include "net/pool.hpp"

namespace bdsh::app {
namespace {

// Entries of a host's directory, fewer with many hosts: over all of them about a million, some
// hundred bytes each.
constexpr std::size_t kMostEntries = 20'000;
constexpr std::size_t kFewestEntries = 1'000;
constexpr std::size_t kMostOverall = 1'000'000;
constexpr std::chrono::seconds kStopGrace{2};

net::PoolOptions options_for(const config::Settings& settings,
                             std::shared_ptr<net::SecretStore> keyring) {
  net::PoolOptions options = sftp_options(settings);
  options.secrets = std::move(keyring);
  options.mute = "it wants an answer, which cannot be given here";
  return options;
}

}  // namespace

// ---- connections made for this

class FileBrowser::Connections : public std::enable_shared_from_this<Connections>,
                                 private net::Sink {
 public:
  Connections(FileBrowser& owner, AuditJob job)
      : owner_(&owner),
        loop_(owner.loop_),
        trail_(owner.audit_, std::move(job), owner.settings_.hosts,
               std::chrono::system_clock::now()),
        pool_(owner.loop_, owner.settings_.hosts, options_for(owner.settings_, owner.keyring_),
              *this) {}

  void start(HostId host) { pool_.start(host); }
  void write(HostId host, std::string_view bytes) { (void)pool_.write(host, bytes); }
  void end(HostId host) { pool_.end_input(host); }
  // They end by themselves, and are gone once the last has.
  void stop() {
    owner_ = nullptr;
    pool_.stop(kStopGrace, [self = shared_from_this()] {
      self->trail_.end(std::chrono::system_clock::now());
      boost::asio::post(self->loop_, [self] {});  // the pool is not to go from within its own call
    });
  }

 private:
  void on_bytes(HostId host, net::Stream stream, std::string_view bytes) override {
    if (owner_ != nullptr && stream == net::Stream::out) owner_->came(host, bytes);
  }
  void on_status(HostId host, const HostStatus& status) override {
    trail_.status(host, status, std::chrono::system_clock::now());
    if (owner_ == nullptr) return;
    if (status.live()) return owner_->begin(host);
    if (!status.ended()) return;
    const Error silent{ErrorKind::channel, "it ended the SFTP session: no SFTP server there?"};
    owner_->ended(host, status.error.value_or(silent));
  }
  void on_event(std::optional<HostId>, const std::string&) override {}
  void on_login(HostId host, const net::Login& login) override { trail_.login(host, login); }

  FileBrowser* owner_;  // null: stopped
  boost::asio::io_context& loop_;
  AuditTrail trail_;
  net::Pool pool_;  // last: its sessions report here until it is gone
};

// ---- what is asked for

FileBrowser::FileBrowser(boost::asio::io_context& loop, const config::Settings& settings,
                         Source& source, Audit& audit, run::RunWriter& log,
                         std::function<void()> changed)
    : loop_(loop),
      settings_(settings),
      source_(source),
      audit_(audit),
      log_(log),
      changed_(std::move(changed)) {}

FileBrowser::~FileBrowser() = default;

void FileBrowser::list(const tui::ListFiles& wanted) {
  open_ = true;
  stale_ = true;
  merge_.clear();
  view_ = {wanted.path, wanted.hosts, wanted.hosts, {}};
  std::erase_if(links_, [](const auto& link) { return link.second->reader.broken(); });
  wanted.hosts.for_each([this](HostId host) {
    const auto unusable = std::ranges::find(settings_.unusable, host, &config::UnusableHost::host);
    if (unusable != settings_.unusable.end()) {
      merge_.add(host, {"", {}, false, unusable->error});
      view_.waiting.remove(host);
      return;
    }
    if (!links_.contains(host)) open(host);
    links_.at(host)->reader.list(view_.path);
    settle(host);
  });
  changed_();
}

void FileBrowser::refresh() {
  if (open_) list({view_.hosts, view_.path});
}

void FileBrowser::leave() {
  open_ = false;
  ++opening_;
  for (const auto& [host, link] : links_)
    if (link->socket) link->socket->close();
  links_.clear();
  merge_.clear();
  view_ = {};
  if (const auto connections = std::exchange(connections_, nullptr)) connections->stop();
}

const tui::FilesView* FileBrowser::seen_from(HostId leader) {
  if (!open_) return nullptr;
  if (std::exchange(stale_, false) || leader_ != leader) view_.found = merge_.seen_from(leader);
  leader_ = leader;
  return &view_;
}

// ---- the ways to the hosts

void FileBrowser::open(HostId host) {
  const std::size_t most =
      std::clamp(kMostOverall / view_.hosts.size(), kFewestEntries, kMostEntries);
  links_[host] = std::make_unique<Link>(most);
  source_.open_subsystem(host, "sftp", [this, host, opening = opening_](Result<net::Fd> stream) {
    // Told from within the session, and maybe at once.
    auto kept = std::make_shared<Result<net::Fd>>(std::move(stream));
    boost::asio::post(loop_, [this, host, opening, kept] {
      if (opening == opening_) opened(host, std::move(*kept));
    });
  });
}

void FileBrowser::opened(HostId host, Result<net::Fd> stream) {
  Link& link = *links_.at(host);
  if (!stream) {
    if (stream.error().kind == ErrorKind::channel) return ended(host, stream.error());
    return connect(host);
  }
  link.socket = SocketLink::open(loop_, std::move(*stream),
                                 {[this, host](std::string_view bytes) { came(host, bytes); },
                                  [this, host] {
                                    ended(host, {ErrorKind::lost, "its session has ended"});
                                  }});
  begin(host);
}

void FileBrowser::connect(HostId host) {
  if (!connections_) {
    AuditJob job = audit_job(settings_, log_);
    job.what = "files";
    job.command.reset();
    job.commands.clear();
    (void)net::raise_descriptor_limit(settings_.hosts, settings_.hosts.size());
    connections_ = std::make_shared<Connections>(*this, std::move(job));
  }
  links_.at(host)->own = true;
  connections_->start(host);
}

void FileBrowser::begin(HostId host) {
  const auto link = links_.find(host);
  if (link == links_.end() || std::exchange(link->second->live, true)) return;
  link->second->reader.begin();
  settle(host);
}

void FileBrowser::came(HostId host, std::string_view bytes) {
  const auto link = links_.find(host);
  if (link == links_.end()) return;
  link->second->reader.receive(bytes);
  settle(host);
}

// The link stays, so that nothing is tried again until the user asks for it.
void FileBrowser::ended(HostId host, const Error& why) {
  const auto link = links_.find(host);
  if (link == links_.end()) return;
  link->second->reader.broke_off({why.kind, sanitised(why.message)});
  settle(host);
}

// What is no SFTP server goes on talking otherwise.
void FileBrowser::hang_up(HostId host, const Link& link) {
  if (link.socket) link.socket->close();
  if (link.own && link.live) connections_->end(host);
}

void FileBrowser::settle(HostId host) {
  Link& link = *links_.at(host);
  const std::string out = link.live ? link.reader.take_output() : "";
  if (!out.empty() && link.socket) link.socket->send(out);
  if (!out.empty() && link.own) connections_->write(host, out);
  if (link.reader.broken()) hang_up(host, link);
  auto listing = link.reader.take();
  if (!listing || !view_.hosts.contains(host)) return;
  merge_.add(host, std::move(*listing));
  view_.waiting.remove(host);
  stale_ = true;
  changed_();
}

}  // namespace bdsh::app
