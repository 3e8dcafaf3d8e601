-- How much of a stream is not applied yet. A stream without a group has nothing pending.
--
-- KEYS 1 stream, 2 lease; ARGV 1 group. Answers entries, pending, age of the oldest in ms by the clock that dated it,
-- and whether a worker holds the lease.

local call = redis.call
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then return pending end

local age = 0
local oldest = call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if oldest then
  local now = call('TIME')
  age = now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(string.match(oldest[1], '^%d+'))
end
return {call('XLEN', KEYS[1]), pending.err and 0 or pending[1], math.max(age, 0), is_running(KEYS[2]) and 1 or 0}
