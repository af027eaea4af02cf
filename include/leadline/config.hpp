/// Export macro and version. No logic.
#pragma once

#if defined(_WIN32)
#if defined(LEADLINE_BUILDING)
#define LEADLINE_API __declspec(dllexport)
#else
#define LEADLINE_API __declspec(dllimport)
#endif
#else
#define LEADLINE_API __attribute__((visibility("default")))
#endif

#define LEADLINE_VERSION_MAJOR 0
#define LEADLINE_VERSION_MINOR 1
#define LEADLINE_VERSION_PATCH 0
#define LEADLINE_VERSION "0.1.0"
