// What the bindings of an instance share: its linker that stays.
#pragma once

#include "core/tool/driver.h"

// There is one after `open`.
weld::LastingTool& lasting_tool();
