-- Whether a lease or a doorbell is there. Both live for seconds: what would live longer than this dates from before the
-- server's clock was put back, and whoever set it may be long gone.

local LONGEST_MS = 10000

local function is_running(key)
  local left = redis.call('PTTL', key)
  return left > 0 and left <= LONGEST_MS
end
