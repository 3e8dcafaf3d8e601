-- Delete a dead letter for good and forget its event, so that its publisher can send it again.
--
-- KEYS 1 dead letters, then the sets that may have noted the event; ARGV 1 letter id, 2 event hash ('' for none)
-- Answers how many letters were there.

local dropped = redis.call('XDEL', KEYS[1], ARGV[1])
if dropped == 1 and ARGV[2] ~= '' then
  for i = 2, #KEYS do redis.call('SREM', KEYS[i], ARGV[2]) end
end
return dropped
