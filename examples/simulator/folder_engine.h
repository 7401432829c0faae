// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <holdfast/ports/print_engine.h>

#include <cstdint>
#include <memory>
#include <string>

namespace mfp {

// An engine whose paper is a folder, and a worked example of the port. Each attempt becomes a file
// of its own, JOB.ATTEMPT.pdf, so that a document printed twice is there twice.
//
// A file is JOB.ATTEMPT.pdf.printing until its last page is out. What is left under that name after
// a power cut was begun, and nobody knows how far it came: its outcome is unknown. Pages come out
// one each `page_ms`; attempts wait for each other as at a real printer.
//
// Throws StartError when the folder can't be written.
std::unique_ptr<holdfast::PrintEngine> folder_engine(const std::string& folder, uint32_t page_ms);

}  // namespace mfp
