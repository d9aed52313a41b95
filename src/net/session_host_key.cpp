// The part of a session that is about who the host is: its certificate, its key, and the questions
// about that.
#include <ctime>

#include "core/text.hpp"
#include "net/certificate_fetch.hpp"
#include "net/host_trust.hpp"
#include "net/session.hpp"

namespace bdsh::net {

using Kind = Event::Kind;

void Session::handshake() {
  services_.host_keys.open(
      spec_, guarded([](Session& self, const Result<const KnownHosts*>& known) {
        if (known.ok()) return self.begin_handshake(**known);
        self.feed(Event::failed(
            {ErrorKind::host_key, "cannot read known hosts: " + known.error().message}));
      }));
}

void Session::begin_handshake(const KnownHosts& known) {
  known_ = &known;
  const std::string certificates =
      certificate_ || certificate_asked_ ? "" : wanted_certificates(known, spec_);
  if (!certificates.empty()) return ask_certificate(certificates);
  auto transport = services_.make_transport(
      spec_, socket_.native_handle(),
      wanted_host_keys(known, spec_, certificate_ ? &*certificate_ : nullptr));
  if (!transport) return feed(Event::failed(transport.error()));
  transport_ = std::move(*transport);
  drive();
}

// On a connection of its own: libssh 0.10 knows no host certificates, but a certificate is public,
// and that the host has its key is proved by the handshake that follows.
void Session::ask_certificate(const std::string& algorithms) {
  certificate_asked_ = true;
  CertificateFetch::start(
      socket_, algorithms,
      guarded([](Session& self, const CertificateRequest& got) { self.certificate_came(got); }));
}

void Session::certificate_came(const CertificateRequest& request) {
  if (!request.greeted() && request.state() == CertificateRequest::State::asking) {
    certificate_asked_ = false;
    return not_greeted("it hung up");
  }
  no_certificate_ = request.why().empty() ? "the connection broke" : request.why();
  if (request.state() == CertificateRequest::State::answered) {
    auto read = read_host_certificate(request.certificate());
    no_certificate_ = read ? "" : read.error().message;
    if (read) certificate_ = std::move(*read);
  }
  feed(Kind::looked);
}

void Session::check_key() {
  const HostKey key = transport_->host_key();
  if (key.blob.empty())
    return feed(Event::failed({ErrorKind::protocol, "the server showed no usable host key"}));
  const Finding finding =
      check_host_key(*known_, spec_, key, certificate_ ? &*certificate_ : nullptr,
                     static_cast<std::uint64_t>(std::time(nullptr)));
  note_host_key(key, finding.certified_by);
  if (!finding.objection.empty()) certificate_refused(finding.objection);
  if (key.blob == vouched_ && finding.check.verdict == HostKeyVerdict::unknown)
    return feed(Kind::key_accepted);
  Judgement verdict = judge(spec_.host_key_policy, key_name(spec_), key, finding.check);
  if (verdict.kind == Judgement::Kind::ask && !mute().empty())
    return feed(
        Event::failed({ErrorKind::host_key, "unknown host key " + sanitised(key.describe()) +
                                                " and nobody to ask: " + mute()}));
  if (verdict.kind == Judgement::Kind::refuse && !no_certificate_.empty())
    verdict.error.message += "; its certificate: " + no_certificate_;
  switch (verdict.kind) {
    case Judgement::Kind::refuse:
      return feed(Event::failed(verdict.error));
    case Judgement::Kind::ask:
      unrecorded_ = key;
      return feed(Event::ask(verdict.prompt));
    case Judgement::Kind::accept_and_record:
      record_key(key);
      break;
    case Judgement::Kind::accept:
      break;
  }
  feed(Kind::key_accepted);
}

// The next connection asks for another one.
void Session::certificate_refused(const std::string& why) {
  services_.sink.on_event(id_, "host certificate not used: " + why);
  no_certificate_ = why;
  certificate_.reset();
}

// Also of a key that is refused then: the record shows who claimed to be the host.
void Session::note_host_key(const HostKey& key, const std::string& certified_by) {
  login_ = {sanitised(key.describe()), certified_by, {}, {}};
  services_.sink.on_login(id_, login_);
}

void Session::record_key(const HostKey& key) {
  services_.sink.on_event(id_, "new host key accepted: " + sanitised(key.describe()));
  services_.host_keys.accept(spec_, key, [this, weak = weak_from_this()](const Status& status) {
    if (const auto alive = weak.lock(); alive && !status.ok())
      services_.sink.on_event(id_, "host key not recorded: " + status.error().message);
  });
}

void Session::answer_host_key(bool accepted) {
  if (!unrecorded_) return;
  const HostKey key = *std::exchange(unrecorded_, {});
  if (!accepted)
    return feed(
        Event::failed({ErrorKind::host_key, "host key refused by the user: " + key.describe()}));
  vouched_ = key.blob;
  record_key(key);
  feed(Kind::answered);
}

}  // namespace bdsh::net
