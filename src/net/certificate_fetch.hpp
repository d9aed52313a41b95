// Performs a CertificateRequest on a connected socket.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "net/asio.hpp"
#include "net/certificate_request.hpp"

namespace bdsh::net {

class CertificateFetch : public std::enable_shared_from_this<CertificateFetch> {
 public:
  // Called once, also when the connection breaks (the request is then still asking); not when the
  // socket is closed from here.
  using Done = std::function<void(const CertificateRequest& request)>;

  // The socket is the caller's, non-blocking, and used by nobody else until `done` or until it is
  // closed.
  static void start(asio::posix::stream_descriptor& socket, std::string algorithms, Done done);

 private:
  CertificateFetch(asio::posix::stream_descriptor& socket, std::string algorithms, Done done);
  void write();
  void read();
  void finish();

  asio::posix::stream_descriptor& socket_;
  CertificateRequest request_;
  Done done_;
  std::string out_;
  std::array<char, 4096> in_;
};

}  // namespace bdsh::net
