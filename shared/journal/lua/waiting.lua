-- Which articles a page of a stream's entries is about.
--
-- KEYS 1 stream; ARGV 1 where to begin, as XRANGE takes it, 2 count
-- Answers id, article id, version, id, article id, version, ...

local answer = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  answer[#answer + 1] = entry[1]
  answer[#answer + 1] = fields['article'] or ''
  answer[#answer + 1] = fields['version'] or '0'
end
return answer
