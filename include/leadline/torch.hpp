#pragma once

#include "leadline/torch/models/backends.hpp"
#include "leadline/torch/models/torch_model.hpp"
