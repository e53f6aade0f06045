// SPDX-License-Identifier: Apache-2.0
#pragma once

// Counts calls of operator new, on any thread, between start and stop.
bool allocationsAreCounted(); // false under sanitizers
void startCounting();
int stopCounting();
