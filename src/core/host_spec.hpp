// Everything that is needed to open a session on one host, after the command line, the YAML
// configuration and ssh_config have been merged. Plain values; no layer below app changes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bdsh {

enum class HostKeyPolicy {
  strict,      // yes: an unknown key is refused
  accept_new,  // an unknown key is accepted and recorded; a changed one is refused
  ask,         // the user decides about unknown keys
  off,         // no: unknown keys accepted and recorded, changed keys still refused
};

// How to reach and enter a host.
struct HostSpec {
  std::string name;      // unique in the run; what the screen, the run directory and reports say
  std::string original;  // what the user typed or configured; what ssh_config patterns match
  std::string address;   // HostName: a DNS name or a numeric address, without brackets
  std::uint16_t port = 22;
  std::string user;  // never empty after merging
  std::string group;  // the group it came from, or empty
  // What names it again to -H: "web01", "deploy@10.0.0.7:2222". Empty: not known (old runs).
  std::string expression;

  std::vector<std::string> identity_files;  // private keys in order of preference, ~ expanded
  std::vector<std::string> certificate_files;
  bool identities_only = false;
  std::string identity_agent;  // socket path; empty: $SSH_AUTH_SOCK; "none": no agent
  std::vector<std::string> user_known_hosts;    // files; new keys go to the first
  std::vector<std::string> global_known_hosts;  // files, read only
  std::string host_key_alias;                   // looked up instead of address when not empty
  HostKeyPolicy host_key_policy = HostKeyPolicy::accept_new;
  bool hash_known_hosts = false;

  // Comma-separated algorithm lists as OpenSSH spells them; empty: the library's default.
  std::string kex_algorithms;
  std::string host_key_algorithms;
  std::string ciphers;
  std::string macs;
  std::string pubkey_algorithms;
  std::string preferred_authentications;
  bool gssapi_authentication = false;
  int password_prompts = 3;  // NumberOfPasswordPrompts
  bool batch_mode = false;   // BatchMode: nothing is asked
  std::string forward_agent; // ForwardAgent: "yes", or the socket to forward; empty: no
  bool compression = false;

  // How it is reached when not by a TCP connection of this program's own; at most one of the two.
  // The hosts on the way, the one next to us first; each is reached through the one before it
  // (their own lists are empty; the first may have a proxy_command).
  std::vector<HostSpec> jumps;
  std::string proxy_command;  // for the user's shell; its standard input and output are the way

  // Who opens the session: this program, ssh(1), or any program that opens a terminal.
  enum class Transport { libssh, openssh, command } transport = Transport::libssh;
  // What ssh(1) has to be told to reach it as the user meant: options, "--" and the host.
  std::vector<std::string> ssh_words;
  std::string terminal_command;  // Transport::command: a line for /bin/sh, its fields filled in
  std::string remote_command;    // instead of a shell, when the run has no command

  enum class Family { any, inet, inet6 } family = Family::any;
  std::string bind_address;
  std::chrono::milliseconds connect_timeout{10'000};  // resolve to authenticated
  std::chrono::milliseconds command_timeout{0};       // 0: none
  std::chrono::seconds keepalive_interval{15};        // 0: off
  int keepalive_count_max = 3;
  int max_retries = 0;  // of connection errors only
  std::vector<std::pair<std::string, std::string>> environment;  // SetEnv/SendEnv, evaluated

  friend bool operator==(const HostSpec&, const HostSpec&) = default;

  // The words that mean this host itself in its output (masked before hosts are compared).
  std::vector<std::string> own_words() const;
};

}  // namespace bdsh
