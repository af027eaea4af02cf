// The main of every test executable where Catch2 is v2; compiled once.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
