// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place that states the version: the build reads these three lines. Before 1.0.0 a minor
// release may change the API; a patch release never does.
#define HOLDFAST_VERSION_MAJOR 0
#define HOLDFAST_VERSION_MINOR 1
#define HOLDFAST_VERSION_PATCH 0

#define HOLDFAST_VERSION_TEXT_(x) #x
#define HOLDFAST_VERSION_TEXT(x) HOLDFAST_VERSION_TEXT_(x)
// "0.1.0", for logs and for the User-Agent header.
#define HOLDFAST_VERSION                                                       \
  HOLDFAST_VERSION_TEXT(HOLDFAST_VERSION_MAJOR)                                \
  "." HOLDFAST_VERSION_TEXT(HOLDFAST_VERSION_MINOR) "." HOLDFAST_VERSION_TEXT( \
      HOLDFAST_VERSION_PATCH)
