-- Take or prolong the lease of a stream. A lease that ran out unnoticed may be taken again: whoever held it in the
-- meantime left only entries that the next read hands out first.
--
-- KEYS 1 lease; ARGV 1 owner, 2 ttl ms. Answers 1 when the owner holds it now.

if is_running(KEYS[1]) and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
