-- Decayed counts as log2 of a sum of weights (shared/views/decay.py explains them). nil stands for log2(0).

local LN2 = 0.69314718055994530942
local exp, log = math.exp, math.log

local function log2_add(a, b)
  if not a then return b end
  if not b then return a end
  if a < b then a, b = b, a end
  return a + log(1 + exp((b - a) * LN2)) / LN2
end

-- What is left of `total` without `part`; less than a billionth of it is nothing but rounding.
local function log2_subtract(total, part)
  if not total or part >= total then return nil end
  local rest = 1 - exp((part - total) * LN2)
  if rest < 1e-9 then return nil end
  return total + log(rest) / LN2
end

-- 17 digits give back the same double; Lua's own conversion keeps 14.
local function digits(number)
  return string.format('%.17g', number)
end
