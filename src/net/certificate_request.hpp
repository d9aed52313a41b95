// Asks an SSH server for its host certificate, as ssh-keyscan -c does: the beginning of a
// connection (RFC 4253 §4.2, §7, §8; RFC 5656 §4; RFC 8731) up to the server's answer to the key
// exchange, whose first field is the certificate. All of it is in the clear and public; no key is
// agreed on, so the certificate proves nothing until its key has been used on a connection of its
// own.
//
// Without I/O: bytes in, bytes out.
#pragma once

#include <string>
#include <string_view>

namespace bdsh::net {

class CertificateRequest {
 public:
  enum class State { asking, answered, refused };

  // `algorithms`: of certificates, in order of preference.
  explicit CertificateRequest(std::string algorithms);

  void feed(std::string_view bytes);
  State state() const { return state_; }
  // What is to be sent now; empty: nothing.
  std::string take_output();
  bool greeted() const { return greeted_; }  // the server's version line has come
  const std::string& certificate() const { return certificate_; }  // answered: in wire form
  const std::string& why() const { return why_; }                  // refused: for a user

 private:
  bool take_version_line();
  bool take_packet();
  void packet(std::string_view payload);
  void offered(std::string_view payload);
  void disconnected(std::string_view payload);
  void send(std::string_view payload);
  void refuse(std::string why);

  const std::string algorithms_;
  State state_ = State::asking;
  bool greeted_ = false;
  bool begun_ = false;  // both offers are known
  std::size_t received_ = 0;
  std::string in_;
  std::string out_;
  std::string certificate_;
  std::string why_;
};

}  // namespace bdsh::net
