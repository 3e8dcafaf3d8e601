-- Put a dead letter back into its stream.
--
-- KEYS 1 dead letters, 2 stream, 3 lease, 4 doorbell; ARGV 1 letter id, 2 kind, 3 doorbell ttl ms
-- Answers whether the letter was still there, and 1 when a ticket is to be sent.

local call = redis.call
local found = call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if not found[1] then return {0, 0} end
local letter = {}
for i = 1, #found[1][2], 2 do letter[found[1][2][i]] = found[1][2][i + 1] end
if letter['stream'] ~= ARGV[2] then return redis.error_reply('ERR replay: the letter belongs to another stream') end

if ARGV[2] ~= 'views' then
  call('XADD', KEYS[2], '*', 'body', letter['body'], 'article', letter['article'], 'event', letter['event'],
    'version', letter['version'], 'hash', letter['hash'])
else
  call('XADD', KEYS[2], '*', 'body', letter['body'])
end
call('XDEL', KEYS[1], ARGV[1])
if is_running(KEYS[3]) or is_running(KEYS[4]) then return {1, 0} end
call('SET', KEYS[4], '1', 'PX', ARGV[3])
return {1, 1}
