#include "net/certificate_fetch.hpp"

#include <boost/asio/write.hpp>
#include <utility>

namespace bdsh::net {

CertificateFetch::CertificateFetch(asio::posix::stream_descriptor& socket, std::string algorithms,
                                   Done done)
    : socket_(socket), request_(std::move(algorithms)), done_(std::move(done)) {}

void CertificateFetch::start(asio::posix::stream_descriptor& socket, std::string algorithms,
                             Done done) {
  std::shared_ptr<CertificateFetch>(
      new CertificateFetch(socket, std::move(algorithms), std::move(done)))
      ->write();
}

void CertificateFetch::write() {
  out_ = request_.take_output();
  if (out_.empty()) return read();
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this()](ErrorCode failed, std::size_t) {
                      if (failed == asio::error::operation_aborted) return;
                      // A server that hung up may have said why: that is still to be read.
                      self->read();
                    });
}

void CertificateFetch::read() {
  socket_.async_read_some(asio::buffer(in_),
                          [self = shared_from_this()](ErrorCode failed, std::size_t n) {
                            if (failed == asio::error::operation_aborted) return;
                            if (failed) return self->finish();
                            self->request_.feed({self->in_.data(), n});
                            if (self->request_.state() != CertificateRequest::State::asking)
                              return self->finish();
                            self->write();
                          });
}

void CertificateFetch::finish() {
  std::exchange(done_, {})(request_);
}

}  // namespace bdsh::net
