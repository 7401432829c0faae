// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/client.h>

#include <string>

namespace mfp {

// What a panel shows. For the user who stands there: what happened and what to do, no word about
// protocols.
// `kind` is that of the credential. A wrong password reads like an unknown user.
std::string login_text(const holdfast::LoginResult& result, holdfast::CredentialKind kind,
                       holdfast::LinkState link);
std::string jobs_text(const holdfast::JobsResult& result);
std::string release_text(const holdfast::ReleaseUpdate& update, const std::string& job_name);
std::string session_end_text(holdfast::SessionEnd end);
// `link` says why there is no network, where that is known.
std::string local_health_text(holdfast::LocalHealth health, holdfast::LinkState link);

// For whoever looks after the device.
std::string server_text(const holdfast::ServerSnapshot& server);
std::string status_text(const holdfast::Snapshot& snapshot);
std::string switch_text(const holdfast::SwitchRecord& record);
std::string audit_text(const holdfast::AuditEvent& event);
std::string link_text(holdfast::LinkState link);
std::string route_name(const holdfast::Snapshot& snapshot);

}  // namespace mfp
