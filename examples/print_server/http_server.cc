// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "http_server.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "connection_threads.h"
#include "problem.h"
#include "text.h"

namespace print_server {
namespace {
constexpr size_t kMostJsonBytes = 1024 * 1024;

bool configure_tls(SSL_CTX& context, const Options& options, std::string* error) {
  const auto fail = [&](const std::string& what) {
    char reason[256] = "";
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    *error = what + ": " + reason;
    return false;
  };
  if (SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) != 1) return fail("TLS 1.2");
  if (SSL_CTX_use_certificate_chain_file(&context, options.tls_cert.c_str()) != 1) {
    return fail("--tls-cert " + options.tls_cert + " is not a readable PEM certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(&context, options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail("--tls-key " + options.tls_key + " is not a readable PEM key of that certificate");
  }
  if (options.tls_client_ca.empty()) return true;
  if (SSL_CTX_load_verify_locations(&context, options.tls_client_ca.c_str(), nullptr) != 1) {
    return fail("--tls-client-ca " + options.tls_client_ca + " is not readable PEM");
  }
  SSL_CTX_set_client_CA_list(&context, SSL_load_client_CA_file(options.tls_client_ca.c_str()));
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return true;
}

std::string certificate_name(const SSL* ssl) {
  X509* certificate = ssl == nullptr ? nullptr : SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return {};
  char name[128] = "";
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                             name, sizeof name);
  return size > 0 ? std::string(name, static_cast<size_t>(size)) : std::string();
}

bool has_body(const httplib::Request& request) {
  const std::string length = request.get_header_value("Content-Length");
  return request.has_header("Transfer-Encoding") || (!length.empty() && length != "0");
}

// Part of a file as the body. The descriptor lives as long as the answer.
void send_file(const Answer& answer, httplib::Response& response) {
  const int descriptor = open(answer.file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw Problem(404, "job-unknown", "the job has ended");
  const int64_t start = answer.file_offset;
  response.set_content_provider(
      static_cast<size_t>(answer.file_bytes), answer.type,
      [descriptor, start](size_t offset, size_t length, httplib::DataSink& sink) {
        char buffer[64 * 1024];
        const size_t wanted = length < sizeof buffer ? length : sizeof buffer;
        const ssize_t size = pread(descriptor, buffer, wanted, start + static_cast<off_t>(offset));
        return size > 0 && sink.write(buffer, static_cast<size_t>(size));
      },
      [descriptor](bool) { close(descriptor); });
}

// Half of the answer, then the end of the connection: what a process leaves that dies in mid
// answer.
void send_truncated(const Answer& answer, httplib::Response& response) {
  const std::string half = answer.body.substr(0, answer.body.size() / 2);
  response.set_content_provider(answer.body.size() + static_cast<size_t>(answer.file_bytes) + 16,
                                answer.type, [half](size_t, size_t, httplib::DataSink& sink) {
                                  if (!half.empty()) sink.write(half.data(), half.size());
                                  return false;
                                });
}

Answer html_answer() {
  Answer answer(200,
                "<!DOCTYPE html><html><title>Sign in</title><body>Please sign in</body></html>");
  answer.type = "text/html";
  return answer;
}

}  // namespace

struct HttpServer::Impl {
  Impl(App& the_app, Recorder& the_recorder) : app(the_app), recorder(the_recorder) {}

  void configure();
  void set_hooks();
  void add_route(Route route);
  void add_fallback();
  void serve(const Route& route, const httplib::Request& request, httplib::Response& response,
             const httplib::ContentReader* reader);
  Answer answer_to(const Route& route, const httplib::Request& request,
                   const httplib::ContentReader* reader, RecordedRequest* record, Fault* fault);
  void authorise(const Route& route, const httplib::Request& request);
  std::string read_json(const httplib::Request& request, const httplib::ContentReader& reader);
  void send(const Answer& answer, const Fault& fault, httplib::Response& response);

  App& app;
  Recorder& recorder;
  std::unique_ptr<httplib::Server> server;
  int listener = -1;
  std::atomic<int> under_way{0};
};

namespace {

// Set while this thread has a request that counts as under way.
thread_local bool counted = false;

}  // namespace

void HttpServer::Impl::authorise(const Route& route, const httplib::Request& request) {
  if (route.access == Access::open) return;
  if (route.access == Access::admin) {
    const bool loopback = request.remote_addr == "127.0.0.1" || request.remote_addr == "::1";
    if (app.options.admin_token.empty() || !loopback) {
      throw Problem(404, "not-found", "no such resource");
    }
    if (!equal_constant_time(sha256(request.get_header_value("Authorization")),
                             sha256("Bearer " + app.options.admin_token))) {
      throw Problem(401, "admin-refused", "give the token of --admin-token as Bearer");
    }
    return;
  }
  if (request.get_header_value("Holdfast-Protocol") != "1") {
    throw Problem(400, "unsupported-version", "send Holdfast-Protocol: 1");
  }
  app.devices.check(request.get_header_value("Holdfast-Device"),
                    request.get_header_value("Authorization"), certificate_name(request.ssl));
  const Role role = app.roles.role();
  if (role == Role::draining && !route.when_draining) {
    throw Problem(503, "not-active", "this node is draining")
        .retry_after(app.roles.retry_after_s());
  }
  if (role == Role::passive && !route.when_passive) {
    throw Problem(503, "not-active", "this node is passive");
  }
}

std::string HttpServer::Impl::read_json(const httplib::Request& request,
                                        const httplib::ContentReader& reader) {
  std::string body;
  bool too_large = false;
  if (!has_body(request)) return body;
  const bool whole = reader([&](const char* data, size_t size) {
    too_large = too_large || body.size() + size > kMostJsonBytes;
    if (!too_large) body.append(data, size);
    return true;  // also what is too much is read, or it would be taken for the next request
  });
  if (too_large) throw Problem(413, "too-large", "a JSON body has at most 1 MiB");
  if (!whole) throw invalid_request("the body broke off");
  return body;
}

Answer HttpServer::Impl::answer_to(const Route& route, const httplib::Request& request,
                                   const httplib::ContentReader* reader, RecordedRequest* record,
                                   Fault* fault) {
  bool consumed = reader == nullptr || !has_body(request);
  const auto drain = [&] {
    if (!consumed) (*reader)([](const char*, size_t) { return true; });
    consumed = true;
  };
  HttpRequest view;
  view.method = request.method;
  view.path = request.path;
  for (size_t i = 1; i < request.matches.size(); ++i) view.args.push_back(request.matches[i].str());
  view.header = [&](const char* name) { return request.get_header_value(name); };
  view.query = [&](const char* name) { return request.get_param_value(name); };
  try {
    if (route.access == Access::device) *fault = app.faults.take(request.path);
    if (fault->mode == "html") {
      drain();
      return html_answer();
    }
    if (fault->mode == "status") {
      const bool busy = fault->status == 503 || fault->status == 429;
      Problem problem(fault->status, busy ? "overloaded" : "internal", "a fault was asked for");
      problem.retry_after_s = fault->retry_after_s;
      throw problem;
    }
    authorise(route, request);
    view.device = request.get_header_value("Holdfast-Device");
    if (route.streams && reader != nullptr) {
      view.document = [&](const std::function<bool(const char*, size_t)>& sink) {
        if (consumed) return true;
        consumed = true;
        return (*reader)([&](const char* data, size_t size) {
          record->body_bytes += static_cast<int64_t>(size);
          return sink(data, size);
        });
      };
    } else if (reader != nullptr) {
      consumed = true;
      view.body = read_json(request, *reader);
    } else {
      view.body = request.body;
    }
    if (!route.streams) {
      record->body = view.body;
      record->body_bytes = static_cast<int64_t>(view.body.size());
    }
    Answer answer = route.handle(view);
    drain();
    return answer;
  } catch (const Problem& problem) {
    drain();
    return problem_answer(problem);
  } catch (const DatabaseError& error) {
    std::fprintf(stderr, "%s %s: %s\n", request.method.c_str(), request.path.c_str(), error.what());
    app.store.note_failure();
    drain();
    if (error.full) return problem_answer(Problem(507, "store-full", "no room").retry_after(60));
    return problem_answer(Problem(500, "internal", "the database failed; see the server's log"));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s %s: %s\n", request.method.c_str(), request.path.c_str(), error.what());
    drain();
    return problem_answer(Problem(500, "internal", "see the server's log"));
  }
}

void HttpServer::Impl::send(const Answer& answer, const Fault& fault, httplib::Response& response) {
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  response.set_header("Cache-Control", "no-store");
  if (fault.mode == "truncate") {
    send_truncated(answer, response);
  } else if (!answer.file.empty()) {
    send_file(answer, response);
  } else if (!answer.body.empty()) {
    response.set_content(answer.body, answer.type);
  }
}

void HttpServer::Impl::serve(const Route& route, const httplib::Request& request,
                             httplib::Response& response, const httplib::ContentReader* reader) {
  RecordedRequest record;
  Fault fault;
  Answer answer = answer_to(route, request, reader, &record, &fault);
  try {
    send(answer, fault, response);
  } catch (const Problem& problem) {
    answer = problem_answer(problem);
    send(answer, fault, response);
  }
  app.metrics.count("requests_total{operation=\"" + route.name + "\",status=\"" +
                    std::to_string(answer.status) + "\"}");
  if (route.access != Access::device || !recorder.on()) return;
  record.operation = route.name;
  record.method = request.method;
  record.path = request.path;
  record.target = request.target;
  for (const auto& header : request.headers) {
    const bool internal = header.first == "REMOTE_ADDR" || header.first == "REMOTE_PORT" ||
                          header.first == "LOCAL_ADDR" || header.first == "LOCAL_PORT";
    if (!internal) record.headers.push_back(header);
  }
  recorder.record(record, answer);
}

void HttpServer::Impl::add_route(Route route) {
  const auto plain = [this, route](const httplib::Request& request, httplib::Response& response) {
    serve(route, request, response, nullptr);
  };
  const auto reading = [this, route](const httplib::Request& request, httplib::Response& response,
                                     const httplib::ContentReader& reader) {
    serve(route, request, response, &reader);
  };
  if (route.method == "GET") server->Get(route.pattern, plain);
  if (route.method == "DELETE") server->Delete(route.pattern, plain);
  if (route.method == "POST") server->Post(route.pattern, reading);
  if (route.method == "PUT") server->Put(route.pattern, reading);
}

// Unknown paths are answered here as well: the HTTP library would wait for a body without length.
void HttpServer::Impl::add_fallback() {
  for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
    Route route;
    route.method = method;
    route.pattern = ".*";
    route.name = "unknown";
    route.access = Access::open;
    route.streams = true;
    route.handle = [](const HttpRequest&) -> Answer {
      throw Problem(404, "not-found", "no such resource or method");
    };
    add_route(route);
  }
}

void HttpServer::Impl::configure() {
  server->new_task_queue = [] { return new ConnectionThreads; };
  server->set_tcp_nodelay(true);
  server->set_keep_alive_max_count(1000000);
  server->set_keep_alive_timeout(60);
  server->set_read_timeout(30);
  server->set_write_timeout(30);
  // Not SO_REUSEPORT, the library's default: with it two servers would share a port unnoticed.
  server->set_socket_options([this](int socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    listener = socket;
  });
  set_hooks();
}

void HttpServer::Impl::set_hooks() {
  server->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response&) {
    if (!counted) ++under_way;
    counted = true;
    // Ranges are the document route's own: the library's don't check If-Range nor the end of the
    // body. The request is not const where it lives.
    auto& mutable_request = const_cast<httplib::Request&>(request);
    mutable_request.ranges.clear();
    mutable_request.headers.erase("Accept-Encoding");
    return httplib::Server::HandlerResponse::Unhandled;
  });
  server->set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (!response.body.empty() || response.content_provider_) return;
    const int status = response.status;
    const char* name = status == 413   ? "too-large"
                       : status == 416 ? "range-not-satisfiable"
                       : status == 404 ? "not-found"
                       : status >= 500 ? "internal"
                                       : "invalid-request";
    const Answer answer = problem_answer(Problem(status, name, "the request can't be read"));
    response.set_content(answer.body, answer.type);
  });
  server->set_logger([this](const httplib::Request&, const httplib::Response&) {
    if (counted) --under_way;
    counted = false;
  });
}

HttpServer::HttpServer(App& app, Recorder& recorder)
    : impl_(std::make_unique<Impl>(app, recorder)) {
  if (app.options.tls()) {
    std::string error;
    impl_->server = std::make_unique<httplib::SSLServer>(
        [&](SSL_CTX& context) { return configure_tls(context, app.options, &error); });
    if (!impl_->server->is_valid()) throw UsageError(error);
  } else {
    impl_->server = std::make_unique<httplib::Server>();
  }
  impl_->configure();
  for (auto* routes : {session_routes, job_routes, report_routes, admin_routes}) {
    for (const Route& route : routes(app)) impl_->add_route(route);
  }
  impl_->add_fallback();
}

HttpServer::~HttpServer() = default;

int HttpServer::bind() {
  const Options& options = impl_->app.options;
  errno = 0;
  int port = options.port;
  if (port == 0) {
    port = impl_->server->bind_to_any_port(options.host);
  } else if (!impl_->server->bind_to_port(options.host, port)) {
    port = -1;
  }
  if (port < 0) {
    const std::string why =
        errno != 0 ? std::strerror(errno) : "the host is not one of this machine";
    throw UsageError("cannot listen on " + options.host + ":" + std::to_string(options.port) +
                     ": " + why + "; choose another --listen, or port 0 for a free one");
  }
  // The library's backlog of 5 drops connections when many devices come back at once.
  listen(impl_->listener, 512);
  return port;
}

void HttpServer::run() { impl_->server->listen_after_bind(); }

void HttpServer::stop() {
  impl_->app.faults.release_all();
  impl_->server->stop();
}

void HttpServer::finish(int most_ms) {
  for (int waited = 0; waited < most_ms && impl_->under_way.load() > 0; waited += 10) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace print_server
