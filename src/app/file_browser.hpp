// The directory that the user of a dashboard looks at, on many hosts: each host's SFTP server is
// asked over the host's own session, beside its shell; over a connection made for this where that
// cannot be (the session is over, another program opened it, the server allows one session each).
// Nothing can be asked there: hosts that want a password or a code say so.
//
// Channels and connections stay while the view is open, and end with leave().
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/audit.hpp"
#include "app/socket_link.hpp"
#include "app/source.hpp"
#include "config/settings.hpp"
#include "core/directory.hpp"
#include "net/secret_store.hpp"
#include "run/run_writer.hpp"
#include "transfer/directory_reader.hpp"
#include "tui/command.hpp"
#include "tui/model.hpp"

namespace bdsh::app {

class FileBrowser {
 public:
  // All references outlive it. `changed`: the view is another.
  FileBrowser(boost::asio::io_context& loop, const config::Settings& settings, Source& source,
              Audit& audit, run::RunWriter& log, std::function<void()> changed);
  ~FileBrowser();

  void keep_secrets_in(std::shared_ptr<net::SecretStore> keyring) { keyring_ = std::move(keyring); }
  // In place of what was listed before; hosts that are asked again answer anew.
  void list(const tui::ListFiles& wanted);
  void refresh();  // the same once more
  void leave();

  const tui::FilesView* seen_from(HostId leader);  // null: nothing is looked at
  std::vector<EntryVariant> variants(const std::string& name) const {
    return merge_.variants(name);
  }

 private:
  // One host: its reader, and the way to its server.
  struct Link {
    explicit Link(std::size_t most) : reader(most) {}
    transfer::DirectoryReader reader;
    std::shared_ptr<SocketLink> socket;  // of a channel on the host's session
    bool own = false;                    // else of a connection of its own, when that is live
    bool live = false;
  };
  class Connections;  // those made for this

  void open(HostId host);
  void opened(HostId host, Result<net::Fd> stream);
  void connect(HostId host);
  void begin(HostId host);
  void came(HostId host, std::string_view bytes);
  void ended(HostId host, const Error& why);
  void settle(HostId host);
  void hang_up(HostId host, const Link& link);

  boost::asio::io_context& loop_;
  const config::Settings& settings_;
  Source& source_;
  Audit& audit_;
  run::RunWriter& log_;
  std::function<void()> changed_;
  std::shared_ptr<net::SecretStore> keyring_;
  std::map<HostId, std::unique_ptr<Link>> links_;
  std::shared_ptr<Connections> connections_;  // null: none was needed
  std::uint64_t opening_ = 0;  // grows with leave(): channels asked for before that come too late
  DirectoryMerge merge_;
  tui::FilesView view_;
  bool open_ = false;
  bool stale_ = true;  // `view_.found`, as seen from `leader_`
  HostId leader_;
};

}  // namespace bdsh::app
