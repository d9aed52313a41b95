// libFuzzer target: any bytes as what a server says to a request for its certificate, and as the
// certificate itself.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/certificate_request.hpp"
#include "net/host_certificate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using bdsh::net::CertificateRequest;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto read = bdsh::net::read_host_certificate(bytes))
    (void)bdsh::net::vouches_for(*read, read->key, "host", 1'700'000'000);
  CertificateRequest request("ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com");
  (void)request.take_output();
  // In two pieces, so that packets are cut.
  request.feed(bytes.substr(0, size / 2));
  (void)request.take_output();
  request.feed(bytes.substr(size / 2));
  const bool refused = request.state() == CertificateRequest::State::refused;
  return refused == request.why().empty() ? __builtin_trap(), 0 : 0;
}
