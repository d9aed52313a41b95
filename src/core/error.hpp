// Errors are values: a kind, the host or thing, the step, and words a user can act on.
// Exceptions are for bugs.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace bdsh {

enum class ErrorKind {
  usage,         // the command line
  config,        // a configuration file, a host expression
  io,            // the local disk
  resolve,       // the host's name has no address
  connect,       // no TCP connection (refused, unreachable, reset before SSH)
  timeout,       // a step took longer than allowed
  protocol,      // no SSH server, no common algorithm, a broken packet
  jump,          // the host on the way to it failed, which is told once for all behind it
  host_key,      // unknown (when not accepted), changed or revoked
  auth,          // no credential was accepted
  channel,       // the session, pty, shell or command was refused
  lost,          // the connection ended while in use
  cancelled,     // by the user or by shutdown
  internal,
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // one line, no trailing full stop, safe to show (no control characters)

  // "thing: message": the same error, said of a host, a file or a key.
  Error about(const std::string& thing) const { return {kind, thing + ": " + message}; }
  friend bool operator==(const Error&, const Error&) = default;
};

const char* to_string(ErrorKind kind);

// Either a value or an Error. Asking for the one that is not there is a bug (asserts).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return get(); }
  const T& value() const& { return const_cast<Result*>(this)->get(); }
  T&& value() && { return std::move(get()); }
  T& operator*() & { return get(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &value(); }
  const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  T& get() {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

}  // namespace bdsh
