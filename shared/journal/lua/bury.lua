-- Move an entry that can never be applied to the dead letters, original bytes and all.
--
-- KEYS 1 stream, 2 dead letters, 3 prefix of the trails
-- ARGV 1 group, 2 entry id, 3 kind, 4 article id ('' unknown), 5 event id, 6 version, 7 reason, 8 attempts, 9 now ms,
--   10 trail ttl s, 11 trail stage, 12 trail mark
-- Answers 1, or 0 when the entry was settled before.

local call = redis.call
if call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end

local entry = {}
local found = call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
if found[1] then
  for i = 1, #found[1][2], 2 do entry[found[1][2][i]] = found[1][2][i + 1] end
end
local article = ARGV[4]
call('XADD', KEYS[2], '*', 'stream', ARGV[3], 'entry', ARGV[2], 'article', article, 'event', ARGV[5],
  'version', ARGV[6], 'reason', ARGV[7], 'attempts', ARGV[8], 'at', ARGV[9],
  'hash', entry['hash'] or '', 'body', entry['body'] or '')
call('XDEL', KEYS[1], ARGV[2])
if article ~= '' then
  call('HSET', KEYS[3] .. article, ARGV[11], ARGV[12])
  call('EXPIRE', KEYS[3] .. article, ARGV[10])
end
return 1
