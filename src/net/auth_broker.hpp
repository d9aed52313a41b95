// The answers that users give to hosts' questions (passwords, one-time codes), kept between the
// user and the logins that wait for them. Pure.
//
// One answer may serve many hosts: those that ask now, and those that ask the same later, as long as
// no host has refused it, or one has let it in. A host that refused an answer never gets it again.
// An answer that is not shared serves one host, once.
//
// Texts are held in one place each, shared by those who still need them, and wiped with the last.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/host_status.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"

namespace bdsh::net {

using Answer = std::shared_ptr<const Secret>;

// What a host took and found right.
struct ProvedAnswer {
  Prompt question;
  Answer text;
};

class AuthBroker {
 public:
  // A password that was given before anybody asked; it serves all hosts until the end of the run.
  void preset(Secret password);
  bool has_preset() const;

  // An answer of the user's: to hosts that ask now.
  void give(HostId host, const Prompt& question, const Answer& answer);
  // And to those that ask the same later. Does nothing for a question that is not shared.
  void remember(const Prompt& question, const Answer& answer);

  // The answer this host may use now, or null: the user must be asked.
  Answer take(HostId host, const Prompt& question);
  // What it took was right: all that, but for what was given beforehand.
  std::vector<ProvedAnswer> accepted(HostId host);
  void refused(HostId host);   // … or wrong
  // It was not judged: the connection ended first. What is shared may be used on the next one.
  void interrupted(HostId host);
  // Nobody is on the way in any more: what was remembered is wiped.
  void forget();

  std::size_t texts() const;  // how many are held

 private:
  struct Held {
    Prompt question;
    Answer text;
  };
  struct Known {
    Held held;
    bool preset = false;
    bool let_in = false;  // some host
    HostSet refused{};
  };

  static bool same(const Prompt& a, const Prompt& b);
  static bool serves(const Known& known, HostId host, const Prompt& question);

  std::vector<Known> known_;
  std::map<HostId, std::vector<Held>> given_;  // not taken yet
  std::map<HostId, std::vector<Held>> taken_;  // not judged yet
};

}  // namespace bdsh::net
