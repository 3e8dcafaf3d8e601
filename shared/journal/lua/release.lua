-- Give the lease back. Looking whether the stream is empty and releasing are one step, so an append either is seen here
-- or finds no lease and rings.
--
-- KEYS 1 lease, 2 stream, 3 doorbell; ARGV 1 owner, 2 only if empty 0|1. Answers 0 when there is more to drain.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 1 end
if ARGV[2] == '1' then
  if redis.call('XLEN', KEYS[2]) > 0 then return 0 end
  redis.call('DEL', KEYS[1], KEYS[3])
else
  redis.call('DEL', KEYS[1])
end
return 1
