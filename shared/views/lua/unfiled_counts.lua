-- What is counted for an article before its article event is there: "counted s1 .. sW day n day n ..", in one string,
-- because nobody asks for lists of such articles. "-" stands for no score.

local function read_unfiled(text, window_count)
  local record = {counted = 0, scores = {}, days = {}}
  if not text then return record end
  local words = {}
  for word in string.gmatch(text, '%S+') do words[#words + 1] = word end
  record.counted = tonumber(words[1])
  for w = 1, window_count do record.scores[w] = tonumber(words[1 + w]) end
  for i = 2 + window_count, #words - 1, 2 do record.days[words[i]] = tonumber(words[i + 1]) end
  return record
end

-- `days` names the days that lists are kept for; counts of others are left out.
local function write_unfiled(record, window_count, days)
  local words = {string.format('%.0f', record.counted)}
  for w = 1, window_count do
    words[1 + w] = record.scores[w] and digits(record.scores[w]) or '-'
  end
  for _, day in ipairs(days) do
    if record.days[day] then
      words[#words + 1] = day
      words[#words + 1] = string.format('%.0f', record.days[day])
    end
  end
  return table.concat(words, ' ')
end
