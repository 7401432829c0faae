// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app.h"
#include "recorder.h"

namespace print_server {

// Serves the routes on one listener, http or https.
class HttpServer {
 public:
  HttpServer(App& app, Recorder& recorder);
  ~HttpServer();

  int bind();  // the port; throws UsageError when it can't be had
  void run();  // until stop()
  void stop();

  // After run(): waits for the answers under way. Connections that idle are not waited for.
  void finish(int most_ms);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace print_server
